"""How close the Map over all actions comes to what 24 calls at once could do at best.

A goal runs on an embedded cloud whose functions are warm, once a seed, under heavy-tailed model
latencies. Each ratio is of one run and of the latencies drawn for it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count, islice

from bench.clouds import GetCloud, place_demo_goal, run_goal
from bench.fault_proxy import AwsCall, through_fault_proxy
from bench.figures import Figure, Section, Table
from bench.scheduling import list_schedule
from localcloud.bedrock.call import ConverseCall
from localcloud.bedrock.latency import draw_latency_seconds
from localcloud.cluster.state import CloudState
from localcloud.run.history import Event, count_transitions

AT_ONCE = 24
MAP, TASK, SAVING = "GenerateAll", "GenerateTasks", "SaveAll"
GENERATE, SAVED = "generate / bound", "generate and save / bound"


@dataclass(frozen=True)
class MakespanMeasurement:
    """Seconds: of the whole Map, to the end of saving, and of each action's task as they began."""

    makespan: float
    saved: float
    tasks: list[float]


def measure_makespan(cloud: GetCloud, *, latency_seconds: float, seeds: int) -> Section:
    """Run a goal a seed; ratios to the bound, and the calls that an action costs."""
    state, steps = cloud()
    ids = [action.action_id for action in place_demo_goal(state).actions]
    measured: list[tuple[float, MakespanMeasurement]] = []
    history: list[Event] = []
    for seed in islice(open_seeds(ids, latency_seconds), seeds):
        with steps.step(f"Run it with seed {seed}, {latency_seconds:g} s a call on average"):
            history = run_goal(state, {"seed": seed, "latency_seconds": latency_seconds})
        bound = list_schedule(drawn_latencies(ids, seed, latency_seconds), AT_ONCE)
        measured.append((bound, read_measurement(history)))
    with steps.step("Run it again, and record the calls of DynamoDB"):
        calls = _table_calls(state)
    return report(measured, calls, count_transitions(history) / len(ids))


def drawn_latencies(action_ids: Sequence[str], seed: int, mean_seconds: float) -> list[float]:
    """What the model server takes for the first call about each action."""
    return [
        draw_latency_seconds(
            ConverseCall("", {}, action_id, seed=seed).random("latency"), mean_seconds
        )
        for action_id in action_ids
    ]


def open_seeds(action_ids: Sequence[str], mean_seconds: float) -> Iterator[int]:
    """Seeds whose bound no single call makes: there a schedule can lose, and is seen to."""
    for seed in count(1):
        drawn = drawn_latencies(action_ids, seed, mean_seconds)
        if max(drawn) < list_schedule(drawn, AT_ONCE):
            yield seed


def read_measurement(history: Sequence[Event]) -> MakespanMeasurement:
    """The Map's and the tasks' durations, from an execution's history."""
    entered: dict[int, datetime] = {}
    state_of: dict[int, int] = {0: 0}
    tasks: dict[int, float] = {}
    for event in history:
        # an event belongs to the state whose entering its previous events lead back to
        is_entering = event["type"].endswith("StateEntered")
        state = event["id"] if is_entering else state_of[event["previousEventId"]]
        state_of[event["id"]] = state
        if is_entering:
            entered[state] = event["timestamp"]
        elif _names(event, TASK):
            tasks[state] = (event["timestamp"] - entered[state]).total_seconds()
    begin, end = (event["timestamp"] for event in history if _names(event, MAP))
    *_, saved = (event["timestamp"] for event in history if _names(event, SAVING))
    return MakespanMeasurement(
        (end - begin).total_seconds(),
        (saved - begin).total_seconds(),
        [tasks[state] for state in sorted(tasks)],
    )


def _names(event: Event, state: str) -> bool:
    kinds = ("stateEnteredEventDetails", "stateExitedEventDetails")
    return any(event.get(kind, {}).get("name") == state for kind in kinds)


def _table_calls(state: CloudState) -> Mapping[str, Sequence[AwsCall]]:
    with (
        through_fault_proxy(state, "task-generation", "DYNAMODB") as generating,
        through_fault_proxy(state, "workflow-save-batch", "DYNAMODB") as saving,
    ):
        run_goal(state, {"latency_seconds": 0})
    return {"task-generation": generating.calls, "workflow-save-batch": saving.calls}


def report(
    measured: Sequence[tuple[float, MakespanMeasurement]],
    calls: Mapping[str, Sequence[AwsCall]],
    transitions: float,
) -> Section:
    """The section. measured: the bound in seconds and what was measured, one a seed."""
    actions = len(measured[0][1].tasks)
    as_they_took = [each.makespan / list_schedule(each.tasks, AT_ONCE) for _, each in measured]
    requests = sum(map(len, calls.values())) / actions
    return Section(
        "makespan",
        "Makespan on the embedded cloud",
        f"{actions} actions, {AT_ONCE} at once. The bound is the list scheduling of the model's "
        "latencies, without any work of ours; seeds where a single call is the bound are left out, "
        "for there every schedule looks good. Where a Map wastes nothing, its makespan is the list "
        "scheduling of its tasks as they took. Requests and transitions are counted, not timed.",
        [
            Figure(GENERATE, [each.makespan / bound for bound, each in measured], 1.06),
            Figure(SAVED, [each.saved / bound for bound, each in measured], 1.10),
            Figure("generate / list scheduling of the tasks as they took", as_they_took, 1.02),
            Figure("requests of DynamoDB / action", [requests], 3),
            Figure("state transitions / action", [transitions], 1.2),
        ],
        [
            Table(
                f"Requests of DynamoDB for {actions} actions",
                ["function", "requests"],
                [[name, _counted(each)] for name, each in calls.items()],
            )
        ],
    )


def _counted(calls: Sequence[AwsCall]) -> str:
    operations = Counter(call.operation for call in calls)
    return ", ".join(f"{times} {name}" for name, times in operations.most_common())

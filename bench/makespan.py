"""How close the Map over all actions comes to what 24 calls at once could do at best.

One goal runs twice on an embedded cloud of its own: once for the functions to be warm, once
measured, under heavy-tailed model latencies. All figures are of that one run.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg
from rich.console import Console

from bench.scheduling import list_schedule, lower_bound, nested_batches
from localcloud.bedrock.call import ConverseCall
from localcloud.bedrock.latency import draw_latency_seconds
from localcloud.cluster.cloud import Cloud
from localcloud.cluster.state import CloudState
from localcloud.cluster.steps import Steps
from localcloud.cluster.users import DEMO_USER, id_token
from localcloud.database.mandala import place_goal
from localcloud.goals.goal_file import read_goal
from localcloud.run.calls import read_history, set_model, start_activity
from localcloud.run.history import Event
from localcloud.run.options import DEFAULT_GOAL
from localcloud.run.watch import Watch

AT_ONCE = 24
BATCHES_AT_ONCE, ACTIONS_AT_ONCE, BATCH_SIZE = 3, 8, 8
MAP, TASK = "GenerateAll", "GenerateTasks"


@dataclass(frozen=True)
class MakespanMeasurement:
    """Seconds: of the whole Map, and of each action's task in the order in which they began."""

    makespan: float
    tasks: list[float]


def measure_makespan(console: Console, *, latency_seconds: float, seed: int) -> list[str]:
    """Run, and say how the measured makespan compares with the bounds."""
    with tempfile.TemporaryDirectory(prefix="goal-mandala-bench-") as folder:
        cloud = Cloud(Path(folder) / "cloud")
        steps = Steps(console)
        try:
            state, _ = cloud.up(steps)
            with steps.step("Run the goal once, so that the functions are warm"):
                _run(state, latency_seconds=0, seed=seed)
            with steps.step(f"Run it again, {latency_seconds:g} s a model call on average"):
                action_ids, history = _run(state, latency_seconds=latency_seconds, seed=seed)
        finally:
            cloud.down(steps)
    drawn = [
        draw_latency_seconds(
            ConverseCall("", {}, action_id, seed=seed).random("latency"), latency_seconds
        )
        for action_id in action_ids
    ]
    return report(read_measurement(history), drawn)


def _run(state: CloudState, *, latency_seconds: float, seed: int) -> tuple[list[str], list[Event]]:
    with psycopg.connect(state.database_url, autocommit=True) as connection:
        mandala = place_goal(connection, state.users[DEMO_USER].id, read_goal(DEFAULT_GOAL))
    set_model(state.model_server_url, {"seed": seed, "latency_seconds": latency_seconds})
    started = start_activity(state.api_url, id_token(state, DEMO_USER), mandala.goal_id)
    Watch(state, started).until_it_ends(lambda _snapshot: None)
    history = read_history(state.client("stepfunctions"), started.execution_arn)
    return [action.action_id for action in mandala.actions], history


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
    return MakespanMeasurement(
        (end - begin).total_seconds(), [tasks[state] for state in sorted(tasks)]
    )


def _names(event: Event, state: str) -> bool:
    kinds = ("stateEnteredEventDetails", "stateExitedEventDetails")
    return any(event.get(kind, {}).get("name") == state for kind in kinds)


def report(measured: MakespanMeasurement, drawn: Sequence[float]) -> list[str]:
    """The ratios, a line each."""
    ideal = list_schedule(drawn, AT_ONCE)
    nested = nested_batches(
        drawn,
        batch_size=BATCH_SIZE,
        batches_at_once=BATCHES_AT_ONCE,
        actions_at_once=ACTIONS_AT_ONCE,
    )
    ratios = {
        "makespan / list scheduling of the model's latencies": measured.makespan / ideal,
        "makespan / lower bound of any schedule of them": measured.makespan
        / lower_bound(drawn, AT_ONCE),
        "makespan / list scheduling of the tasks as they took": measured.makespan
        / list_schedule(measured.tasks, AT_ONCE),
        "batches nested in a Map of Maps / list scheduling": nested / ideal,
    }
    return [
        f"{len(measured.tasks)} actions, {AT_ONCE} at once: makespan {measured.makespan:.1f} s",
        *(f"{name:<55}{ratio:.2f}" for name, ratio in ratios.items()),
    ]

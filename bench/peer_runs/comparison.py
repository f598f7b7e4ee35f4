"""This project beside what a person would use instead, in one run on one machine."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

from bench.clouds import GetCloud, warm
from bench.figures import Figure, Section, Table
from bench.makespan import AT_ONCE, GENERATE, SAVED, drawn_latencies, open_seeds
from bench.peer_runs.environments import PeerUnavailableError, python_of
from bench.peer_runs.job import Action
from bench.peer_runs.lacks import HEADINGS, LACKS
from bench.peer_runs.project import (
    nested_shape,
    project_killed_after_a_save,
    project_killed_while_generating,
    timed_project,
)
from bench.peer_runs.requests import product_actions
from bench.peer_runs.servers import model_server, server_of
from bench.peer_runs.stage import (
    Resumed,
    Stage,
    Timing,
    killed_after_a_save,
    killed_while_generating,
    timed,
)
from bench.scheduling import list_schedule
from components.settings import DEFAULT_BEDROCK_MODEL
from localcloud.cluster.state import CloudState
from localcloud.cluster.steps import Steps

BARE = "bare_asyncio"
PEERS = (BARE, "dbos", "langgraph", "prefect", "restate", "temporal", "lambda_durable")
NAMES = {
    BARE: "asyncio, nothing durable",
    "dbos": "DBOS",
    "langgraph": "LangGraph, PostgreSQL checkpointer",
    "prefect": "Prefect",
    "restate": "Restate",
    "temporal": "Temporal",
    "lambda_durable": "Lambda durable functions, local runner",
    "project": "this project",
    "nested": "this project's functions in nested batches",
}
_TEXT = (
    "The same model server, latencies, prompts and checks, 64 actions, 24 at once; tasks saved "
    "to the same PostgreSQL in transactions of 8 actions. Read it fairly: 24 function processes "
    "and an emulator with IAM and history stand against one pool of threads, so that time and "
    "CPU are not fair between project and peers; calls paid twice are. What was in flight on "
    "the worker that was killed is paid again by everybody. The peers save with random ids in a "
    "step that commits by itself, as an application would, and this project with ids that "
    "follow from the action. asyncio starts from the beginning; the project's functions are "
    "killed, not Step Functions, and not the emulator, which keeps nothing on disk."
)
_KILL_SEED = 4
_SLOW_MODEL = {"seed": _KILL_SEED, "latency_seconds": 1.0}


@dataclass(frozen=True)
class Plan:
    """bounds: by seed, in seconds. with_kills: whether workers are killed too."""

    latency_seconds: float
    bounds: Mapping[int, float]
    with_kills: bool

    def model(self, seed: int) -> dict[str, Any]:
        """The model server's settings."""
        return {"seed": seed, "latency_seconds": self.latency_seconds}


@dataclass
class Found:
    """What one alternative did; timings beside their seed's bound. absent: why it did not run."""

    name: str
    timings: list[tuple[float, Timing]] = field(default_factory=list[tuple[float, Timing]])
    generating: Resumed | None = None
    saving: Resumed | None = None
    absent: str = ""


def measure_peers(
    cloud: GetCloud, *, latency_seconds: float, seeds: int, with_kills: bool
) -> Section:
    """Run all of them; those that cannot run here are in the report with the reason."""
    state, steps = cloud()
    actions = product_actions(state, DEFAULT_BEDROCK_MODEL)
    ids = [action.id for action in actions]
    plan = Plan(
        latency_seconds,
        {
            seed: list_schedule(drawn_latencies(ids, seed, latency_seconds), AT_ONCE)
            for seed in islice(open_seeds(ids, latency_seconds), seeds)
        },
        with_kills,
    )
    with (
        tempfile.TemporaryDirectory(prefix="goal-mandala-peers-") as folder,
        model_server(Path(folder)) as model_url,
    ):
        stage = Stage(model_url, DEFAULT_BEDROCK_MODEL, state.database_url, Path(folder), actions)
        found = [_peer(steps, stage, peer, plan) for peer in PEERS]
        ordered = _oracle(steps, stage, plan) if not found[0].absent else []
    found += _project(steps, state, actions, plan)
    return report(found, ordered)


def _peer(steps: Steps, stage: Stage, peer: str, plan: Plan) -> Found:
    found = Found(peer)
    try:
        with steps.step(f"{NAMES[peer]}: its environment and server"):
            python_of(peer)
        with server_of(peer, stage.folder / peer) as server:
            with steps.step(f"{NAMES[peer]}: {len(plan.bounds)} runs without a fault"):
                for seed, bound in plan.bounds.items():
                    run = timed(stage, peer, server, f"{peer}-{seed}", plan.model(seed))
                    found.timings.append((bound, run))
            if plan.with_kills:
                with steps.step(f"{NAMES[peer]}: killed while it generates"):
                    run_name = f"{peer}-generating"
                    found.generating = killed_while_generating(
                        stage, peer, server, run_name, _SLOW_MODEL
                    )
                with steps.step(f"{NAMES[peer]}: faults, and killed after a save"):
                    model = _faulty(stage.actions)
                    found.saving = killed_after_a_save(stage, peer, server, f"{peer}-saving", model)
    except PeerUnavailableError as error:
        found.absent = str(error)
    return found


def _oracle(steps: Steps, stage: Stage, plan: Plan) -> list[tuple[float, Timing]]:
    """The bare peer again, with the longest calls first, as nobody can know them."""
    ids = [action.id for action in stage.actions]
    timings: list[tuple[float, Timing]] = []
    with steps.step(f"{NAMES[BARE]}, the longest calls first"), server_of(BARE, stage.folder) as no:
        for seed, bound in plan.bounds.items():
            drawn = dict(zip(ids, drawn_latencies(ids, seed, plan.latency_seconds), strict=True))
            ordered = sorted(stage.actions, key=lambda action, drawn=drawn: -drawn[action.id])
            sorted_stage = replace(stage, actions=ordered)
            run = timed(sorted_stage, BARE, no, f"{BARE}-{seed}-sorted", plan.model(seed))
            timings.append((bound, run))
    return timings


def _project(steps: Steps, state: CloudState, actions: Sequence[Action], plan: Plan) -> list[Found]:
    project, in_batches = Found("project"), Found("nested")
    with steps.step("This project: warm again, for the peers took minutes"):
        warm(state)
    for seed, bound in plan.bounds.items():
        with steps.step(f"This project, seed {seed}, flat and in nested batches"):
            project.timings.append((bound, timed_project(state, actions, plan.model(seed))))
            with nested_shape(state):
                in_batches.timings.append((bound, timed_project(state, actions, plan.model(seed))))
    if plan.with_kills:
        with steps.step("This project: its functions killed while it generates"):
            project.generating = project_killed_while_generating(state, actions, _SLOW_MODEL)
        with steps.step("This project: faults, and its functions killed after a save"):
            project.saving = project_killed_after_a_save(state, actions, _faulty(actions))
    return [project, in_batches]


def _faulty(actions: Sequence[Action]) -> dict[str, Any]:
    """One action that the model refuses for good, and two calls that are throttled once."""
    refused, *throttled = (action.id for action in actions[:3])
    faults: dict[str, Any] = {each: {"kind": "throttle", "times": 1} for each in throttled}
    return {"seed": _KILL_SEED, "faults": {**faults, refused: {"kind": "refused"}}}


def report(found: Sequence[Found], ordered: Sequence[tuple[float, Timing]] = ()) -> Section:
    """The section, in the order of what was found.

    ordered: the bare peer's runs with the longest calls first.
    """
    ran = [each for each in found if not each.absent]
    figures = [
        Figure(
            f"{ratio}, {NAMES[each.name]}", [seconds(run) / bound for bound, run in each.timings]
        )
        for ratio, seconds in ((GENERATE, _generated), (SAVED, _saved))
        for each in ran
    ]
    absent = [[NAMES[each.name], each.absent] for each in found if each.absent]
    if ordered:
        samples = [_generated(run) / bound for bound, run in ordered]
        figures.append(Figure(f"{GENERATE}, {NAMES[BARE]}, an oracle's order", samples))
    tables = [_killed_table(ran), Table("What each has of its own accord", HEADINGS, _lacks(found))]
    if absent:
        tables.append(Table("Not run on this machine", ["", "why"], absent))
    return Section("peers", "Beside the alternatives", _TEXT, figures, tables)


def _generated(run: Timing) -> float:
    return run.generated


def _saved(run: Timing) -> float:
    return run.saved


def _killed_table(ran: Sequence[Found]) -> Table:
    rows: list[list[str]] = []
    for each in ran:
        row = [NAMES[each.name], f"{median(run.cpu for _, run in each.timings):.1f}"]
        if first := each.generating:
            row += [str(first.in_flight), str(first.paid_twice), f"{first.seconds:.0f} s"]
        else:
            row += ["", "", ""]
        if second := each.saving:
            row += [str(second.saved_twice), str(second.paid_twice), str(second.failed)]
        else:
            row += ["", "", ""]
        rows.append(row)
    headings = [
        "",
        "CPU s of worker and server",
        "killed while generating: calls in flight",
        "of 64 calls, paid twice",
        "ended after",
        "killed after a save: tasks saved twice",
        "calls paid twice",
        "actions failed (1 is refused)",
    ]
    return Table("CPU, and `kill -9` of the worker", headings, rows)


def _lacks(found: Sequence[Found]) -> list[list[str]]:
    return [[NAMES[each.name], *LACKS[each.name]] for each in found if each.name in LACKS]

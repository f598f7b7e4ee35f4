"""The embedded cloud of a run of benchmarks, and a goal of 64 actions that runs on it."""

import tempfile
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from rich.console import Console

from localcloud.cluster.cloud import Cloud
from localcloud.cluster.state import CloudState
from localcloud.cluster.steps import Steps
from localcloud.cluster.users import DEMO_USER, id_token
from localcloud.database.mandala import Mandala, place_goal
from localcloud.goals.goal_file import read_goal
from localcloud.run.calls import Started, read_history, set_model, start_activity
from localcloud.run.history import Event
from localcloud.run.options import DEFAULT_GOAL
from localcloud.run.watch import Watch

GetCloud = Callable[[], tuple[CloudState, Steps]]
"""The run's cloud, made when the first benchmark asks for it."""


@contextmanager
def bench_cloud(console: Console) -> Generator[tuple[CloudState, Steps]]:
    """A new cloud whose functions are warm, and the steps to print; it is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="goal-mandala-bench-") as folder:
        cloud = Cloud(Path(folder) / "cloud")
        steps = Steps(console)
        try:
            state, _ = cloud.up(steps)
            with steps.step("Run the goal once, so that the functions are warm"):
                warm(state)
            yield state, steps
        finally:
            cloud.down(steps)


def warm(state: CloudState) -> None:
    """Run the goal with calls long enough that as many functions start as the Map may run at once.

    With none, three or four do all the work, and the first seed then pays for the others' start.
    """
    run_goal(state, {"latency_seconds": 2})


def place_demo_goal(state: CloudState) -> Mandala:
    """The goal that each benchmark runs."""
    with psycopg.connect(state.database_url, autocommit=True) as connection:
        return place_goal(connection, state.users[DEMO_USER].id, read_goal(DEFAULT_GOAL))


def start_goal(state: CloudState, model: Mapping[str, Any]) -> Started:
    """Start it, with these settings of the model server."""
    goal = place_demo_goal(state)
    set_model(state.model_server_url, model)
    return start_activity(state.api_url, id_token(state, DEMO_USER), goal.goal_id)


def run_goal(state: CloudState, model: Mapping[str, Any]) -> list[Event]:
    """Run it to its end; the history."""
    started = start_goal(state, model)
    wait_for_end(state, started)
    return read_history(state.client("stepfunctions"), started.execution_arn)


def wait_for_end(state: CloudState, started: Started) -> None:
    """Return when the execution and its record have ended."""
    Watch(state, started).until_it_ends(lambda _snapshot: None)

"""A running cloud, and the operations of its tests."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import psycopg
from psycopg.rows import TupleRow

from handlers.storage.models import ActionType
from localcloud.cluster.state import CloudState
from localcloud.cluster.users import DEMO_USER, id_token
from localcloud.database.mandala import Mandala, place_goal
from localcloud.goals.goal import MANDALA_SIZE, Action, Goal, SubGoal
from localcloud.run.calls import Started, read_history, set_model, start_activity
from localcloud.run.history import Event
from localcloud.run.snapshot import ActionItem, Snapshot
from localcloud.run.verify import Verified, verify
from localcloud.run.watch import Watch

Connection = psycopg.Connection[TupleRow]
Faults = Mapping[str, Mapping[str, Any]]


def small_goal(title: str, size: int = 2, type_: ActionType = "EXECUTION") -> Goal:
    """A goal with `size` actions, eight a sub-goal."""
    actions = [
        Action(title=f"週末の練習を記録して見直す{number}", type=type_)
        for number in range(1, size + 1)
    ]
    return Goal(
        title=title,
        sub_goals=tuple(
            SubGoal(title="土台をつくる", actions=tuple(actions[first : first + MANDALA_SIZE]))
            for first in range(0, len(actions), MANDALA_SIZE)
        ),
    )


@dataclass(frozen=True)
class EndedExecution:
    """An execution that has ended."""

    execution_id: str
    mandala: Mandala
    snapshot: Snapshot
    verified: Verified
    history: list[Event]

    def items(self) -> list[ActionItem]:
        """The work items, in the order of the goal's actions."""
        return [self.snapshot.actions[action.action_id] for action in self.mandala.actions]

    def errors(self) -> list[str]:
        """The error code of each action in the same order; "" without an error."""
        return [item.error_code for item in self.items()]


@dataclass(frozen=True)
class Stage:
    """The cloud, and a connection to the product's database.

    calls: the file of the permissions used or lacked.
    expected_refusals: the (role, action) pairs whose permission a test removed.
    """

    state: CloudState
    conn: Connection
    calls: Path
    expected_refusals: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])

    @cached_property
    def token(self) -> str:
        """An ID token of the goals' owner."""
        return id_token(self.state, DEMO_USER)

    def place(self, goal: Goal) -> Mandala:
        """Put a goal into the database."""
        return place_goal(self.conn, self.state.users[DEMO_USER].id, goal)

    def configure_model(self, faults: Faults | None = None, latency: float = 0) -> None:
        """Set the model server's faults, and the mean latency of a call in seconds."""
        settings = {"seed": 1, "latency_seconds": latency, "faults": faults or {}}
        set_model(self.state.model_server_url, settings)

    def model_calls(self, mandala: Mandala) -> list[int]:
        """How often the model was called for each action, in the order of the goal's actions."""
        with urlopen(f"{self.state.model_server_url}/control", timeout=10) as reply:
            counters = json.load(reply)["counters"]["actions"]
        return [counters[action.action_id]["calls"] for action in mandala.actions]

    def start(self, mandala: Mandala, faults: Faults | None = None, latency: float = 0) -> Started:
        """Set the model server's faults, and start the goal over the HTTP API."""
        self.configure_model(faults, latency)
        return start_activity(self.state.api_url, self.token, mandala.goal_id)

    def end(self, mandala: Mandala, started: Started) -> EndedExecution:
        """Wait for the end of an execution."""
        snapshot = Watch(self.state, started).until_it_ends(lambda _: None)
        return EndedExecution(
            started.execution_id,
            mandala,
            snapshot,
            verify(self.conn, started.execution_id, mandala, snapshot),
            read_history(self.state.client("stepfunctions"), started.execution_arn),
        )

    def run(
        self, mandala: Mandala, faults: Faults | None = None, latency: float = 0
    ) -> EndedExecution:
        """Start the goal, and wait for the end of the execution."""
        return self.end(mandala, self.start(mandala, faults, latency))

    def goal_state(self, mandala: Mandala) -> tuple[str, str | None, str | None]:
        """The state of a goal, the execution that holds its lock, and the phase."""
        row = self.conn.execute(
            "SELECT state, execution_id::text, phase FROM goal_workflows WHERE goal_id = %s",
            (mandala.goal_id,),
        ).fetchone()
        assert row is not None
        return row[0], row[1], row[2]

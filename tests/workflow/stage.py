"""A cloud that is up, and what its tests do with it."""

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
from localcloud.goals.goal import MANDALA_SIZE, Action, Goal, SubGoal
from localcloud.run.calls import Started, read_history, set_model, start_activity
from localcloud.run.history import Event
from localcloud.run.mandala import Mandala, place_goal
from localcloud.run.snapshot import ActionItem, Snapshot
from localcloud.run.verify import Verified, verify
from localcloud.run.watch import Watch

Connection = psycopg.Connection[TupleRow]
Faults = Mapping[str, Mapping[str, Any]]


def small_goal(title: str, size: int = 2, type_: ActionType = "EXECUTION") -> Goal:
    """A goal with so many actions, eight to a sub-goal."""
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
class Ended:
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
        """Error code of each action, in the same order; empty where there is none."""
        return [item.error_code for item in self.items()]


@dataclass(frozen=True)
class Stage:
    """The cloud, and a connection to the product's database.

    calls: the file of all permissions that were used or lacked.
    expected_refusals: (role, action) that a test took away itself.
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
        """The goal, in the database."""
        return place_goal(self.conn, self.state.users[DEMO_USER].id, goal)

    def tell_model(self, faults: Faults | None = None, latency: float = 0) -> None:
        """Tell the model server what goes wrong, and how many seconds a call takes on average."""
        settings = {"seed": 1, "latency_seconds": latency, "faults": faults or {}}
        set_model(self.state.model_server_url, settings)

    def model_calls(self, mandala: Mandala) -> list[int]:
        """How often the model was called for each action, in the order of the goal's actions."""
        with urlopen(f"{self.state.model_server_url}/control", timeout=10) as reply:
            counters = json.load(reply)["counters"]["actions"]
        return [counters[action.action_id]["calls"] for action in mandala.actions]

    def start(self, mandala: Mandala, faults: Faults | None = None, latency: float = 0) -> Started:
        """Start it over the HTTP API, the model server told what goes wrong."""
        self.tell_model(faults, latency)
        return start_activity(self.state.api_url, self.token, mandala.goal_id)

    def end(self, mandala: Mandala, started: Started) -> Ended:
        """Wait for its end."""
        snapshot = Watch(self.state, started).until_it_ends(lambda _: None)
        return Ended(
            started.execution_id,
            mandala,
            snapshot,
            verify(self.conn, started.execution_id, mandala, snapshot),
            read_history(self.state.client("stepfunctions"), started.execution_arn),
        )

    def run(self, mandala: Mandala, faults: Faults | None = None, latency: float = 0) -> Ended:
        """Start it, and wait for its end."""
        return self.end(mandala, self.start(mandala, faults, latency))

    def goal_state(self, mandala: Mandala) -> tuple[str, str | None, str | None]:
        """State, holder of the lock and phase."""
        row = self.conn.execute(
            "SELECT state, execution_id::text, phase FROM goal_workflows WHERE goal_id = %s",
            (mandala.goal_id,),
        ).fetchone()
        assert row is not None
        return row[0], row[1], row[2]

"""`python -m bench.load`: many goals at once on an embedded cloud of its own.

One user starts half of the goals, the others share the rest. Every goal has to end, every answer of
the API has to be documented, and the memory of the cloud's processes is sampled meanwhile.
"""

import argparse
import json
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from rich.console import Console

from bench.fairness import waits_of
from bench.memory import KINDS, mean, sample
from handlers.contract.ids import started_at
from handlers.contract.table_keys import EXECUTION_SK
from handlers.executions.admission import TOKENS_PER_ACTION
from handlers.storage.access import TableAccess
from handlers.storage.execution_records import ExecutionRecord
from handlers.storage.table import WorkflowTable
from localcloud.cluster.cloud import Cloud
from localcloud.cluster.state import CloudState
from localcloud.cluster.steps import Steps
from localcloud.database.mandala import place_goal
from localcloud.database.product import seed_user
from localcloud.errors import LocalCloudError
from localcloud.goals.goal import Action, Goal, SubGoal
from localcloud.run.calls import set_model
from localcloud.run.http_calls import exchange

HEAVY = "user 0"
NO_ANSWER = 0
"""In the place of a status."""

_POLL_SECONDS = 5
_REFUSALS = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
"""What the API may answer to a start under load; a client starts again after a pause."""


@dataclass(frozen=True)
class Load:
    """What is started. drain_seconds: how long the token budget takes for all the goals.

    goals, users, actions: how many; actions are a goal's. at_once: requests in flight.
    """

    goals: int
    users: int
    actions: int
    at_once: int
    drain_seconds: int
    latency_seconds: float = 1.0

    @property
    def tokens_per_minute(self) -> int:
        """The budget."""
        return self.goals * self.actions * TOKENS_PER_ACTION * 60 // self.drain_seconds

    def owners(self) -> list[int]:
        """Whose goals are started, in order: user 0 has every second one."""
        others = max(self.users - 1, 1)
        return [0 if n % 2 == 0 else 1 + n // 2 % others for n in range(self.goals)]


@dataclass(frozen=True)
class Result:
    """What came of it.

    answers: of all requests, by status. waits: from the start to the first call, by user.
    memory: megabytes of all processes of the cloud over time, by kind.
    """

    answers: Counter[int]
    endings: Counter[str]
    waits: Mapping[str, Sequence[float]]
    waiting_seen: int
    seconds: float
    memory: Sequence[Mapping[str, float]] = field(default_factory=list[Mapping[str, float]])


def run(load: Load, console: Console) -> Result:
    """Start the load on a new cloud and wait for its end. Raises LocalCloudError."""
    budget = json.dumps({"tokensPerMinute": load.tokens_per_minute})
    config = {
        "admission": budget,
        "workflowTimeout": str(max(900, 3 * load.drain_seconds)),
        "apiThrottle": json.dumps({"rate": 100, "burst": 200}),
    }
    with tempfile.TemporaryDirectory(prefix="goal-mandala-load-") as folder:
        cloud, steps = Cloud(Path(folder) / "cloud", config), Steps(console)
        try:
            state, _ = cloud.up(steps)
            with steps.step(f"Start {load.goals} goals of {load.actions} actions, and wait"):
                return apply(load, state, cloud.folder, console.print)
        finally:
            cloud.down(steps)


def apply(load: Load, state: CloudState, folder: Path, say: Callable[[str], None]) -> Result:
    """Start the load on a running cloud and wait for its end."""
    set_model(state.model_server_url, {"seed": 1, "latency_seconds": load.latency_seconds})
    goals, tokens = _place(load, state)
    answers, seen = Counter[int](), 0
    ended, memory = threading.Event(), list[Mapping[str, float]]()
    sampler = threading.Thread(target=sample, args=(folder, ended, memory))
    sampler.start()
    began = time.monotonic()
    try:
        with ThreadPoolExecutor(load.at_once) as pool:
            sent = [
                pool.submit(_start, state, goal, tokens[owner], answers)
                for goal, owner in zip(goals, load.owners(), strict=True)
            ]
            started = [each.result() for each in sent]
        table = WorkflowTable.of(TableAccess(state.client("dynamodb"), state.table_name, 90))
        owners = dict(zip(started, load.owners(), strict=True))
        open_ = list(started)
        while open_:
            asked = open_[len(open_) // 2]
            reply = exchange(
                "GET", f"{state.api_url}/workflows/{asked}/status", token=tokens[owners[asked]]
            )
            answers[reply.status] += 1
            seen += reply.status == HTTPStatus.OK and "waiting" in reply.json()
            open_ = [each for each in open_ if _record(table, each).stopped_at is None]
            say(f"{time.monotonic() - began:.0f} s: {len(open_)} open, answers {dict(answers)}")
            time.sleep(_POLL_SECONDS)
    finally:
        ended.set()
        sampler.join()
    return Result(
        answers,
        Counter(_record(table, each).status.value for each in started),
        _waits(table, owners),
        seen,
        time.monotonic() - began,
        memory,
    )


def _place(load: Load, state: CloudState) -> tuple[list[str], list[str]]:
    """Ids of the goals, in the order of their starts, and the users' tokens."""
    client = state.client("cognito-idp")
    ids, tokens = list[str](), list[str]()
    with psycopg.connect(state.database_url, autocommit=True) as connection:
        for number in range(load.users):
            email, password = f"load-{uuid4().hex}@example.com", f"{uuid4()}aA1!"
            user = client.admin_create_user(
                UserPoolId=state.user_pool_id,
                Username=email,
                MessageAction="SUPPRESS",
                UserAttributes=[{"Name": "email", "Value": email}],
            )["User"]
            client.admin_set_user_password(
                UserPoolId=state.user_pool_id, Username=email, Password=password, Permanent=True
            )
            given: dict[str, str] = {each["Name"]: each["Value"] for each in user["Attributes"]}
            ids.append(given["sub"])
            seed_user(connection, given["sub"], email, f"利用者{number}")
            answer: Any = client.initiate_auth(
                ClientId=state.user_pool_client_id,
                AuthFlow="USER_PASSWORD_AUTH",
                AuthParameters={"USERNAME": email, "PASSWORD": password},
            )
            tokens.append(answer["AuthenticationResult"]["IdToken"])
        goals = [
            place_goal(connection, ids[owner], _goal(number, load.actions)).goal_id
            for number, owner in enumerate(load.owners())
        ]
    return goals, tokens


def _goal(number: int, actions: int) -> Goal:
    titles = (f"週末の練習を記録して見直す{each}" for each in range(1, actions + 1))
    small = tuple(Action(title=title, type="EXECUTION") for title in titles)
    return Goal(title=f"負荷の目標{number}", sub_goals=(SubGoal(title="土台", actions=small),))


def _start(state: CloudState, goal_id: str, token: str, answers: Counter[int]) -> str:
    """The execution of a goal; a refused or unanswered start is sent again, with the same key."""
    key = {"Idempotency-Key": uuid4().hex}
    while True:
        url = f"{state.api_url}/goals/{goal_id}/start-activity"
        try:
            reply = exchange("POST", url, token=token, headers=key)
        except TimeoutError:  # A machine that is busier than a gateway's patience.
            answers[NO_ANSWER] += 1
            continue
        answers[reply.status] += 1
        if reply.status == HTTPStatus.ACCEPTED:
            return reply.json()["executionId"]
        if reply.status not in _REFUSALS:
            raise LocalCloudError(f"a start was answered with {reply.status}: {reply.text}")
        time.sleep(1)


def _record(table: WorkflowTable, execution_id: str) -> ExecutionRecord:
    record = table.records.get(execution_id)
    if record is None:
        raise LookupError(f"{execution_id} has no item {EXECUTION_SK}")
    return record


def _waits(table: WorkflowTable, owners: Mapping[str, int]) -> dict[str, list[float]]:
    """Seconds from each start to the first call of the model, by user."""
    found: dict[str, list[float]] = {}
    for execution_id, owner in owners.items():
        begun = [item.started_at for item in table.work_items.of(execution_id) if item.started_at]
        if begun:  # else its turn came too late, and it failed
            first = datetime.fromisoformat(min(begun)) - started_at(execution_id)
            found.setdefault(f"user {owner}", []).append(first.total_seconds())
    return found


def report(load: Load, result: Result) -> list[str]:
    """What came of it, a line each."""
    others = {name: waits for name, waits in result.waits.items() if name != HEAVY}
    heavy, light = waits_of({HEAVY: result.waits[HEAVY]}), waits_of(others)
    fairness = waits_of(result.waits).jain
    first, last = (mean(result.memory, part) for part in (slice(1, 4), slice(-4, None)))
    return [
        f"{load.goals} goals of {load.users} users, {load.actions} actions each,"
        f" {load.tokens_per_minute:,} tokens a minute: {result.seconds:.0f} s",
        f"answers: {dict(sorted(result.answers.items()))}; endings: {dict(result.endings)}",
        f"status answers that said that the goal waits: {result.waiting_seen}",
        f"waits of the user with half of the goals: p50 {heavy.p50:.0f} s, p95 {heavy.p95:.0f} s",
        f"waits of the others: p50 {light.p50:.0f} s, p95 {light.p95:.0f} s, longest"
        f" {light.longest:.0f} s",
        f"Jain's index of all users, when half of the goals had begun: {fairness:.2f}",
        *(
            f"memory, {name}: {first[name]:.0f} at first, {last[name]:.0f} at the end"
            for name in KINDS
        ),
    ]


def main() -> int:
    """Run and print; 1 if the load could not be run to its end."""
    parser = argparse.ArgumentParser("python -m bench.load", description=__doc__)
    parser.add_argument("--goals", type=int, default=50, help="started (50)")
    parser.add_argument("--users", type=int, default=10, help="who share them (10)")
    parser.add_argument("--actions", type=int, default=2, help="of a goal (2)")
    parser.add_argument("--at-once", type=int, default=50, help="starts in flight (50)")
    parser.add_argument("--drain", type=int, default=60, help="seconds of the token budget (60)")
    options = parser.parse_args()
    load = Load(options.goals, options.users, options.actions, options.at_once, options.drain)
    console = Console(highlight=False)
    try:
        result = run(load, console)
    except LocalCloudError as error:
        console.print(str(error))
        return 1
    console.print("\n".join(report(load, result)))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Rollbacks in mid-traffic, on 200 executions: after the switch no call fails, what runs ends."""

import io
import json
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from components.names import Names
from handlers.contract.functions import WORKFLOW_STATUS
from localcloud.aws.clients import ACCOUNT_ID, REGION
from localcloud.cluster.state import CloudState
from localcloud.run.http_calls import exchange
from ops import audit, cli
from ops.commands import options
from ops.rollback.versions import live_version, point_live, read_owner
from ops.stack import LOCAL, Stack
from tests.ops.releases import release
from tests.workflow.stage import Stage as Scene
from tests.workflow.stage import small_goal

pytestmark = [pytest.mark.soak, pytest.mark.timeout(900)]

EXECUTIONS, AT_ONCE = 100, 6
"""Executions a drill; there are two drills."""

_ACCEPTED, _OK = 202, 200
_POLL = 0.2


@dataclass
class Traffic:
    """Goals are started and executions asked for, until every goal was started.

    answers: (when it was asked, status code). executions: ids, in the order of their starts.
    """

    state: CloudState
    token: str
    goals: list[str]
    answers: list[tuple[float, int]] = field(default_factory=list[tuple[float, int]])
    executions: list[str] = field(default_factory=list[str])

    def start(self, goal: str) -> None:
        """Start one goal, and look at its execution."""
        body = self._ask("POST", f"/goals/{goal}/start-activity")
        if "executionId" in body:
            self.executions.append(body["executionId"])
            self._ask("GET", f"/workflows/{body['executionId']}/status")

    def failed_since(self, when: float) -> list[int]:
        """Status codes of what was asked later and not answered well."""
        return [code for at, code in self.answers if at > when and code not in (_OK, _ACCEPTED)]

    def _ask(self, method: str, path: str) -> dict[str, str]:
        asked = time.monotonic()
        reply = exchange(method, f"{self.state.api_url}{path}", token=self.token)
        self.answers.append((asked, reply.status))
        return reply.json() if reply.status in (_OK, _ACCEPTED) else {}


@pytest.fixture
def stack(stage: Scene, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Stack:
    packages = stage.calls.parents[1] / "packages"
    stack = Stack(Names(LOCAL, ACCOUNT_ID, REGION), stage.state, stage.state.api_url, packages)
    monkeypatch.setattr(options, "open_local_stack", lambda: stack)
    monkeypatch.setattr(audit, "FOLDER", tmp_path)
    return stack


@pytest.fixture
def traffic(stage: Scene) -> Iterator[Traffic]:
    """A goal for each execution, a model that takes a second."""
    stage.configure_model(latency=1)
    goals = [stage.place(small_goal(f"訓練 {n}", 1)).goal_id for n in range(EXECUTIONS)]
    yield Traffic(stage.state, stage.token, goals)
    stage.configure_model()


def drill(traffic: Traffic, break_it: Callable[[], object], target: str) -> tuple[float, float]:
    """Start the goals; after a third break something, after another third roll it back.

    When the rollback was done, and how many seconds it took.
    """
    begun = list[float]()
    third, started = len(traffic.goals) // 3, threading.Semaphore(0)

    def start(goal: str) -> None:
        traffic.start(goal)
        started.release()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for goal in traffic.goals:
            pool.submit(start, goal)
        _after(started, third)
        break_it()
        _after(started, third)
        begun.append(time.monotonic())
        assert cli.main(["rollback", "--local", "--to", target, "--yes", "--reason", "drill"]) == 0
        switched = time.monotonic()
    return switched, switched - begun[0]


def _after(started: threading.Semaphore, number: int) -> None:
    for _ in range(number):
        started.acquire()


def ends(stack: Stack, executions: list[str]) -> Counter[str]:
    """How the executions have ended, by the table; waits for them."""
    tables, give_up_at = stack.client("dynamodb"), time.monotonic() + 300
    found = dict[str, str]()
    while len(found) < len(executions):
        assert time.monotonic() < give_up_at, "executions do not end"
        for each in executions:
            key = {"pk": {"S": each}, "sk": {"S": "execution"}}
            record = tables.get_item(TableName=stack.names.table, Key=key)["Item"]
            if record["status"]["S"] != "RUNNING":
                found[each] = record["status"]["S"]
        time.sleep(_POLL)
    return Counter(found.values())


def test_a_bad_function_version_is_rolled_back_in_mid_traffic(
    stack: Stack, traffic: Traffic, record_property: Callable[[str, object], None]
) -> None:
    name, good = stack.names.function(WORKFLOW_STATUS), live_version(stack, WORKFLOW_STATUS.name)
    package = broken(stack)
    switched, seconds = drill(
        traffic, lambda: release(stack, name, package), f"workflow-status={good}"
    )
    before = len(traffic.failed_since(0)) - len(traffic.failed_since(switched))
    ended = ends(stack, traffic.executions)
    record_property(
        "Drills",
        f"Rollback of a bad function in traffic: {seconds:.1f} s; {len(traffic.answers)} calls,"
        f" {before} failed before, {len(traffic.failed_since(switched))} after the switch;"
        f" {EXECUTIONS} executions ended: {dict(ended)}",
    )
    assert before > 0, "the bad version has to be noticed"
    assert traffic.failed_since(switched) == []
    assert ended == {"SUCCEEDED": EXECUTIONS}


def test_a_bad_definition_is_rolled_back_in_mid_traffic(
    stack: Stack, traffic: Traffic, record_property: Callable[[str, object], None]
) -> None:
    good = live_version(stack, "state-machine")
    machines, arn = stack.client("stepfunctions"), stack.names.state_machine_arn
    bad = {"StartAt": "Bad", "States": {"Bad": {"Type": "Fail", "Error": "BadDefinition"}}}

    def break_it() -> None:
        machines.update_state_machine(stateMachineArn=arn, definition=json.dumps(bad), publish=True)
        point_live(stack, "state-machine", read_owner(stack, "state-machine").newest)

    switched, seconds = drill(traffic, break_it, f"state-machine={good}")
    ended = ends(stack, traffic.executions)
    record_property(
        "Drills",
        f"Rollback of a bad definition in traffic: {seconds:.1f} s; {len(traffic.answers)} calls,"
        f" {len(traffic.failed_since(switched))} failed after the switch; {EXECUTIONS} executions"
        f" ended: {dict(ended)}",
    )
    assert ended["FAILED"] > 0, "the bad definition has to be noticed"
    assert traffic.failed_since(switched) == []
    assert ended.total() == EXECUTIONS
    by_version = Counter[tuple[str, str]]()
    for each in traffic.executions:
        run = machines.describe_execution(
            executionArn=f"{stack.names.execution_arns.removesuffix('*')}{each}"
        )
        version = run["stateMachineVersionArn"].rpartition(":")[2]
        by_version["good" if version == str(good) else "bad", run["status"]] += 1
    assert {*by_version} == {("good", "SUCCEEDED"), ("bad", "FAILED")}


def broken(stack: Stack) -> bytes:
    """A package whose status function cannot be imported."""
    assert stack.packages is not None
    content = io.BytesIO()
    with (
        zipfile.ZipFile(next(stack.packages.glob("core-*.zip"))) as source,
        zipfile.ZipFile(content, "w") as package,
    ):
        for entry in source.infolist():
            bad = entry.filename == "handlers/workflow_status.py"
            package.writestr(entry, b"raise ImportError" if bad else source.read(entry))
    return content.getvalue()

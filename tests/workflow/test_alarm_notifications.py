"""The notifications of a burst of failures: metrics, alarms, e-mail, Slack, and the recovery.

Functions, logs, machine and notifier are the deployed ones. Only time is simulated: the monitor
evaluates the alarms at minutes in the future.
"""

import io
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.request import urlopen

import psycopg
import pytest
from rich.console import Console

from components.names import Names
from handlers.contract.functions import WORKFLOW_ARCHIVE, WORKFLOW_RECONCILE
from handlers.contract.statuses import ExecutionStatus
from localcloud.aws.cloudwatch.cloud_monitor import CloudMonitor
from localcloud.aws.cloudwatch.monitor import StateChange
from localcloud.cluster.cloud import Cloud
from localcloud.cluster.servers import emulator_of
from localcloud.cluster.steps import Steps
from localcloud.commands.alarms import AlarmWatch, print_alarms
from tests.workflow.stage import Stage, small_goal

NAMES = Names("local", "123456789012", "ap-northeast-1")
ON_CALL = "oncall@example.com"
CONFIG = {
    "generation": '{"timeout": 45}',
    "alertEmails": json.dumps([ON_CALL]),
    # minutes instead of quarters of an hour, since the test lasts minutes
    "alarms": json.dumps(
        {"runPeriod": 120, "period": 60, "periods": 1, "minimumRuns": 2, "minimumFailures": 1}
    ),
}
MINUTE = 60
_TIMEOUT_SECONDS = 60


@dataclass
class OnCall:
    """A cloud, and the notifications that it sends."""

    stage: Stage
    cloud: Cloud

    def evaluate(self, at: float) -> list[StateChange]:
        """Evaluate every alarm at a moment."""
        return CloudMonitor(self.stage.state.client).evaluate(at)

    def run_schedules(self) -> None:
        """Invoke what EventBridge invokes on a schedule: reconcile and archive."""
        scheduled = {"detail-type": "Scheduled Event", "source": "aws.events", "id": "s"}
        for function in (WORKFLOW_RECONCILE, WORKFLOW_ARCHIVE):
            self.stage.state.client("lambda").invoke(
                FunctionName=NAMES.function(function),
                Qualifier="live",
                Payload=json.dumps(scheduled),
            )

    def alarms(self) -> dict[str, dict[str, Any]]:
        """All alarms by name, without the stack's prefix."""
        answer = self.stage.state.client("cloudwatch").describe_alarms(
            AlarmTypes=["MetricAlarm", "CompositeAlarm"], MaxRecords=100
        )
        return {
            alarm["AlarmName"].removeprefix(f"{NAMES.prefix}-"): alarm
            for alarm in (*answer["MetricAlarms"], *answer["CompositeAlarms"])
        }

    def mails(self) -> list[dict[str, str]]:
        """The e-mails to the on-call address."""
        file = emulator_of(self.cloud.folder).mails
        lines = file.read_text().splitlines() if file.exists() else []
        return [mail for mail in map(json.loads, lines) if mail["to"] == ON_CALL]

    def slack(self) -> list[dict[str, Any]]:
        """The Slack messages about the outage alarm."""
        with urlopen(f"{self.stage.state.slack_url}/messages") as reply:
            messages: list[dict[str, Any]] = json.load(reply)
        return [message for message in messages if f"{NAMES.prefix}-outage" in message["text"]]


@pytest.fixture(scope="module")
def on_call(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OnCall]:
    """A cloud without failures of other tests in its metrics."""
    cloud = Cloud(tmp_path_factory.mktemp("alarms") / "cloud", CONFIG)
    steps = Steps(Console(file=io.StringIO()))
    try:
        state, _ = cloud.up(steps)
        with psycopg.connect(state.database_url, autocommit=True) as conn:
            yield OnCall(Stage(state, conn, emulator_of(cloud.folder).calls), cloud)
    finally:
        cloud.down(steps)


def soon(condition: Callable[[], bool]) -> bool:
    """Whether the condition holds before the timeout."""
    give_up_at = time.monotonic() + _TIMEOUT_SECONDS
    while not condition() and time.monotonic() < give_up_at:
        time.sleep(0.2)
    return condition()


def test_a_burst_of_failures_sends_one_notification_and_its_end_another(on_call: OnCall) -> None:
    stage = on_call.stage
    on_call.run_schedules()
    on_call.evaluate(time.time() + MINUTE)
    before = on_call.alarms()
    assert {alarm["StateValue"] for alarm in before.values()} == {"OK"}
    mails_so_far, messages_so_far = len(on_call.mails()), len(on_call.slack())

    mandalas = [stage.place(small_goal(f"燃え尽きた目標{number}")) for number in range(4)]
    started = [stage.start(mandala, {"*": {"kind": "refused"}}) for mandala in mandalas]
    ended = [stage.end(*pair) for pair in zip(mandalas, started, strict=True)]
    assert {each.snapshot.status for each in ended} == {ExecutionStatus.FAILED}
    on_call.run_schedules()
    burst = time.time()

    fired = {_short(change) for change in on_call.evaluate(burst + MINUTE)}
    assert {"workflow-failure-rate-high", "outage"} <= fired
    assert on_call.evaluate(burst + MINUTE) == []
    assert soon(lambda: len(on_call.slack()) > messages_so_far)
    over = [change for minute in (3, 5, 7) for change in on_call.evaluate(burst + minute * MINUTE)]
    assert "outage" in {_short(change) for change in over}
    assert on_call.alarms()["outage"]["StateValue"] == "OK"
    assert soon(lambda: len(on_call.slack()) >= messages_so_far + 2)

    first, last = on_call.mails()[mails_so_far:]
    assert first["subject"] == f'ALARM: "{NAMES.prefix}-outage" in Asia Pacific (Tokyo)'
    assert "runbook.md#outage" in first["text"]
    assert last["subject"] == f'OK: "{NAMES.prefix}-outage" in Asia Pacific (Tokyo)'
    assert "ALARM -> OK" in last["text"]
    alarm, recovery = on_call.slack()[messages_so_far:]
    shown = json.dumps(alarm, ensure_ascii=False)
    assert alarm["text"] == f"🔴 アラーム: {NAMES.prefix}-outage"
    assert f"{NAMES.prefix}-workflow-failure-rate-high: 100（しきい値 &gt; 10）" in shown
    assert "#alarmsV2:alarm/" in shown
    assert recovery["text"] == f"🟢 復旧: {NAMES.prefix}-outage"
    assert "燃え尽きた" not in json.dumps([alarm, recovery, first, last], ensure_ascii=False)


def _short(change: StateChange) -> str:
    return change.alarm.name.removeprefix(f"{NAMES.prefix}-")


def test_serve_prints_notifying_alarms_and_the_command_shows_all(on_call: OnCall) -> None:
    watched, printed = (Console(file=io.StringIO(), width=300) for _ in range(2))
    # twenty minutes without a sweep
    moments = iter([0.0, 30.0, time.time() + 20 * MINUTE])
    watch = AlarmWatch(on_call.stage.state, watched, clock=lambda: next(moments))

    watch.tick()
    assert _text(watched) == ""
    watch.tick()
    print_alarms(on_call.stage.state, printed)

    assert f"{NAMES.prefix}-outage: OK -> ALARM" in _text(watched)
    on = [name for name, alarm in on_call.alarms().items() if alarm["StateValue"] != "OK"]
    assert all(name in _text(printed) for name in on or ["alarms are OK"])


def _text(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_alarms_exist_and_the_children_of_composites_have_no_actions(on_call: OnCall) -> None:
    alarms = on_call.alarms()
    notifying = {name for name, alarm in alarms.items() if alarm.get("AlarmActions")}

    assert notifying >= {"outage", "escalation", "undelivered", "notices"}
    assert alarms["outage"]["AlarmActions"] == [NAMES.topic_arn(NAMES.alerts_topic)]
    assert alarms["outage"]["OKActions"] == [NAMES.topic_arn(NAMES.alerts_topic)]
    children = set(alarms) - notifying
    assert len(children) > 30
    assert all(alarms[name].get("AlarmDescription") for name in alarms)

"""Each of the guide's five troubles: caused, named by the doctor, cured by one line of the guide.

The emulator has no minutes to spare and throttles nothing. So the time-outs here are the shortest
that the settings allow, and the table's capacity is enforced by a proxy before it (`capacity.py`).
The guide's own numbers are in `test_on_a_virtual_clock.py`.
"""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bench.fault_proxy import through_fault_proxy
from bench.prompts import client_of, compare, failures_of, kept_of, prompt_now
from handlers.contract.functions import WORKFLOW_RECONCILE
from handlers.contract.statuses import ExecutionStatus
from localcloud.errors import LocalCloudError
from localcloud.run.watch import Watch
from tests.docs.guide.setting_lines import changed
from tests.troubles.capacity import WriteCapacity, declared_units
from tests.troubles.deployed import Config, Deployed, deployed, lines_of_the_page, only, remedies
from tests.workflow.stage import Connection, EndedExecution, small_goal

pytestmark = [pytest.mark.soak, pytest.mark.timeout(900)]

MODEL = "apac.amazon.nova-micro-v1:0"
SHORT = '{"timeout": 45}'
"""The shortest time-out of task-generation, which leaves 7 s for a call of the model."""


def cured(config: Config, lines: list[str]) -> dict[str, str]:
    """The configuration after one line of the guide."""
    assert len(lines) == 1
    return changed(config, lines)


def test_a_goal_that_gets_409_is_freed_by_stopping_what_holds_it(tmp_path: Path) -> None:
    with deployed(tmp_path, {}) as stack:
        scene, names = stack.scene, stack.stack.names
        mandala = scene.place(small_goal("始められない目標", 2))
        events, machine = stack.stack.client("events"), stack.stack.client("stepfunctions")
        # nothing learns of the end of the execution
        for rule in (names.ended_rule, names.sweep_rule):
            events.disable_rule(Name=rule)
        held = scene.start(mandala, latency=20)
        with pytest.raises(LocalCloudError, match=held.execution_id):
            scene.start(mandala)
        assert stack.diagnosis() == {}, "a running execution is no trouble"
        machine.stop_execution(executionArn=held.execution_arn, cause="Manual cancellation")

        later = datetime.now(UTC) + timedelta(minutes=11)
        trouble = stack.diagnosis(later)["a start gets 409"]
        (advice,) = trouble.advice
        assert mandala.goal_id in advice
        assert "python -m ops verify whether its rules are on" in advice

        for rule in (names.ended_rule, names.sweep_rule):
            events.enable_rule(Name=rule)
        # the sweep that comes within five minutes; it leaves locks of the last minute alone
        _grow_old(scene.conn, mandala.goal_id)
        arn = names.function_alias_arn(WORKFLOW_RECONCILE)
        stack.stack.client("lambda").invoke(FunctionName=arn, Payload=json.dumps({}))
        Watch(scene.state, held).until_it_ends(lambda _: None)
        assert scene.run(mandala).snapshot.status == ExecutionStatus.SUCCEEDED
        assert "a start gets 409" not in stack.diagnosis(later)


def test_an_execution_that_times_out_is_cured_by_workflow_timeout(tmp_path: Path) -> None:
    sick = {"generation": SHORT, "workflowTimeout": "70"}
    with deployed(tmp_path, sick) as stack:
        ended = _run(stack, "時間切れの目標")
        assert {*ended.errors()} == {"DEADLINE"}
        lines = remedies(stack.diagnosis()["an execution times out"], "4.1.2")
    with deployed(tmp_path, cured(sick, only(lines, "workflowTimeout"))) as stack:
        assert _run(stack, "時間切れの目標").snapshot.status == ExecutionStatus.SUCCEEDED
        assert stack.diagnosis() == {}


def test_a_function_that_times_out_is_cured_by_its_timeout(tmp_path: Path) -> None:
    sick = {"generation": SHORT, "retry": '{"intervalSeconds": 1, "maxAttempts": 1}'}
    with deployed(tmp_path, sick) as stack:
        ended = _run(stack, "返事が遅い目標", latency=20)
        assert "MODEL_UNAVAILABLE" in ended.errors()
        lines = remedies(stack.diagnosis()["a function times out"], "4.1.3")
    with deployed(tmp_path, cured(sick, only(lines, "generation.timeout"))) as stack:
        ended = _run(stack, "返事が遅い目標", latency=20)
        assert ended.snapshot.status == ExecutionStatus.SUCCEEDED
        assert stack.diagnosis() == {}


def test_a_table_that_throttles_is_cured_by_its_billing_or_its_capacity(tmp_path: Path) -> None:
    sick = {"table": '{"billing": "provisioned", "write": 1}'}
    with deployed(tmp_path, sick) as stack:
        before = _throttled(stack)
        assert before > 0
        lines = remedies(stack.diagnosis()["DynamoDB throttles"], "4.1.4")
    with deployed(tmp_path, cured(sick, only(lines, "table.billing"))) as stack:
        assert _throttled(stack) == 0
        assert stack.diagnosis() == {}
    more = only(lines_of_the_page("4.1.4"), "table.write")
    with deployed(tmp_path, cured(sick, more)) as stack:
        assert _throttled(stack) < before / 4


def test_failures_on_record_are_what_prompts_are_compared_by(tmp_path: Path) -> None:
    with deployed(tmp_path, {}) as stack:
        mandala = stack.scene.place(small_goal("規則を破る目標", 3))
        broken = {each.action_id: {"kind": "wrong-schema"} for each in mandala.actions[:2]}
        stack.scene.run(mandala, broken)
        since = datetime.now(UTC) - timedelta(hours=1)
        failures, kept = failures_of(stack.stack, since), kept_of(stack.stack, since)
        assert {each.action_id for each in failures} == {*broken}
        assert [each.action_id for each in kept] == [mandala.actions[2].action_id]
        assert {each.prompt_version for each in failures} == {prompt_now().version}
        stack.scene.configure_model()
        (score,) = compare(client_of(stack.stack), MODEL, failures, [prompt_now()])
        assert (score.valid, score.asked) == (2, 2)


def test_many_failed_actions_are_cured_by_more_attempts(tmp_path: Path) -> None:
    sick = {"retry": '{"intervalSeconds": 1, "maxAttempts": 3, "backoffRate": 1.0}'}
    with deployed(tmp_path, sick) as stack:
        ended = _run(stack, "よく失敗する目標", times_away=4)
        assert ended.errors() == ["MODEL_UNAVAILABLE", "MODEL_UNAVAILABLE", ""]
        lines = remedies(stack.diagnosis()["many actions fail"], "4.1.5")
    with deployed(tmp_path, cured(sick, only(lines, "retry.maxAttempts"))) as stack:
        ended = _run(stack, "よく失敗する目標", times_away=4)
        assert ended.snapshot.status == ExecutionStatus.SUCCEEDED
        assert stack.diagnosis() == {}


def _grow_old(conn: Connection, goal_id: str) -> None:
    conn.execute(
        "UPDATE goal_workflows SET updated_at = updated_at - interval '11 minutes'"
        " WHERE goal_id = %s",
        (goal_id,),
    )


def _run(stack: Deployed, title: str, *, latency: float = 0, times_away: int = 0) -> EndedExecution:
    """Run a goal of three actions; for two of them the model is away so many times."""
    mandala = stack.scene.place(small_goal(title, 3))
    faults = {
        each.action_id: {"kind": "unavailable", "times": times_away}
        for each in mandala.actions[:2]
        if times_away
    }
    return stack.scene.run(mandala, faults, latency)


def _throttled(stack: Deployed) -> int:
    """Run a goal on the table's declared capacity: how many writes it throttles.

    CloudWatch gets the count as AWS would put it there.
    """
    name = stack.stack.names.table
    table = stack.stack.client("dynamodb").describe_table(TableName=name)["Table"]
    capacity = WriteCapacity(declared_units(table))
    mandala = stack.scene.place(small_goal("書き込みの多い目標", 8))
    with through_fault_proxy(stack.scene.state, "task-generation", "DYNAMODB") as proxy:
        proxy.throttles = capacity.throttles
        ended = stack.scene.run(mandala)
    if not capacity.throttled:
        assert ended.snapshot.status == ExecutionStatus.SUCCEEDED
    stack.stack.client("cloudwatch").put_metric_data(
        Namespace="AWS/DynamoDB",
        MetricData=[
            {
                "MetricName": "WriteThrottleEvents",
                "Dimensions": [{"Name": "TableName", "Value": name}],
                "Value": capacity.throttled,
                "Unit": "Count",
            }
        ],
    )
    return capacity.throttled

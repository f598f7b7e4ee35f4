"""Scenarios in which every function, the machine and every event target makes each of its calls.

The check of least privilege uses the recorded calls: a grant that no call needs is too much.
"""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

from checks.least_privilege.calls import ALARM_IN_RULE
from handlers.contract.clock import utc_now
from handlers.contract.ids import first_id_at, new_execution_id, started_at
from handlers.contract.table_keys import EXECUTION_SK
from handlers.storage.access import TableAccess
from handlers.storage.table import WorkflowTable
from handlers.storage.turns import Turns
from localcloud.database.mandala import Mandala
from tests.localcloud.emulated import wait_until
from tests.workflow.api import HEALTH, ask, sign_in_all, until_it_ends
from tests.workflow.stage import Stage, small_goal

Json = dict[str, Any]


def make_every_call(stage: Stage) -> None:
    """Run all scenarios."""
    for scenario in (
        _an_action_fails_and_is_retried,
        _executions_are_watched,
        _a_start_takes_over_from_a_dead_one,
        _an_execution_waits_for_its_turn,
        _an_execution_is_cancelled,
        _an_execution_ends_from_outside,
        _slack_is_notified,
        _an_old_execution_is_archived,
    ):
        scenario(stage)


def _an_action_fails_and_is_retried(stage: Stage) -> None:
    users, mandala = sign_in_all(stage), new_mandala(stage, size=2)
    refused = {mandala.actions[0].action_id: {"kind": "refused"}}
    stage.configure_model(refused)
    first = users.owner.start(mandala.goal_id, idempotency_key=uuid4().hex)["executionId"]
    assert until_it_ends(users.owner, first)["status"] == "PARTIALLY_SUCCEEDED"
    stage.configure_model()
    second = users.owner.retry(first)["executionId"]
    assert until_it_ends(users.owner, second)["status"] == "SUCCEEDED"


def _executions_are_watched(stage: Stage) -> None:
    users, mandala = sign_in_all(stage), new_mandala(stage)
    stage.configure_model()
    execution = users.owner.start(mandala.goal_id)["executionId"]
    until_it_ends(users.owner, execution)
    users.owner.actions(execution)
    users.owner.executions(mandala.goal_id)
    users.owner.executions(limit="1")  # needs a cursor, and so the key of cursors
    users.admin.executions()
    assert ask(stage.state.api_url, HEALTH, {}).status == 200


def _a_start_takes_over_from_a_dead_one(stage: Stage) -> None:
    users, mandala = sign_in_all(stage), new_mandala(stage)
    stage.conn.execute(
        "INSERT INTO goal_workflows VALUES"
        " (%s, 'PROCESSING', %s, 'DRAFT', 'GENERATING', now() - interval '1 hour')",
        (mandala.goal_id, new_execution_id()),
    )
    stage.configure_model()
    execution = users.owner.start(mandala.goal_id)["executionId"]
    assert until_it_ends(users.owner, execution)["status"] == "SUCCEEDED"


def _an_execution_waits_for_its_turn(stage: Stage) -> None:
    users, mandala = sign_in_all(stage), new_mandala(stage)
    stage.configure_model()
    turns = Turns(stage.state.client("dynamodb"), stage.state.table_name)
    assert turns.pay(turns.budget(), utc_now().timestamp() + 15, "others")
    execution = users.owner.start(mandala.goal_id)["executionId"]
    wait_until(lambda: "waiting" in users.owner.status(execution))
    assert until_it_ends(users.owner, execution)["status"] == "SUCCEEDED"
    throttled = {mandala.actions[0].action_id: {"kind": "throttle", "times": 1}}
    stage.configure_model(throttled)
    again = users.owner.start(mandala.goal_id)["executionId"]
    assert until_it_ends(users.owner, again)["status"] == "SUCCEEDED"
    assert turns.budget().cut_at > 0


def _an_execution_is_cancelled(stage: Stage) -> None:
    users, execution = sign_in_all(stage), at_work(stage)
    assert users.owner.cancel(execution)["status"] == "ABORTED"


def _an_execution_ends_from_outside(stage: Stage) -> None:
    """First with an event, then without one, so that the sweep finds it."""
    users = sign_in_all(stage)
    execution = at_work(stage)
    machine: str = stage.state.state_machine_arn.replace(":stateMachine:", ":execution:")
    arn = f"{machine.removesuffix(':live')}:{execution}"
    stage.state.client("stepfunctions").stop_execution(executionArn=arn)
    assert until_it_ends(users.owner, execution)["status"] == "ABORTED"
    stage.conn.execute(
        "INSERT INTO goal_workflows VALUES"
        " (%s, 'PROCESSING', %s, 'DRAFT', 'GENERATING', now() - interval '1 hour')",
        (uuid4(), new_execution_id()),
    )
    _invoke(stage, "workflow-reconcile", {"source": "aws.events", "detail": {}})


def _slack_is_notified(stage: Stage) -> None:
    """A message that is invalid, two endings, and an alarm with every child.

    They are passed to the function directly: the queue would retry the invalid one for hours.
    """
    composites: list[Json] = stage.state.client("cloudwatch").describe_alarms(
        AlarmTypes=["CompositeAlarm"]
    )["CompositeAlarms"]
    named = {child for alarm in composites for child in ALARM_IN_RULE.findall(alarm["AlarmRule"])}
    children = sorted(named - {alarm["AlarmName"] for alarm in composites})
    for bodies in (
        ["not from a topic"],
        [_envelope(_ending())],
        [_envelope(_ending())],  # deferred, since another ending was just sent
        [_envelope(_composite(stage, children))],
    ):
        _invoke(stage, "slack-notifier", {"Records": list(map(_record, bodies))})


def _an_old_execution_is_archived(stage: Stage) -> None:
    """An execution that nobody started: only its age and its end count."""
    old, ended = first_id_at(utc_now() - timedelta(days=30)), _ending()
    table, client = stage.state.exports["tableName"], stage.state.client("dynamodb")
    WorkflowTable.of(TableAccess(client, table, 90)).records.begin(
        old,
        goal_id=ended["goalId"],
        user_id=str(uuid4()),
        execution_arn=ended["executionArn"],
        total_actions=ended["totalActions"],
        started_at=started_at(old),
    )
    client.update_item(
        TableName=table,
        Key={"pk": {"S": old}, "sk": {"S": EXECUTION_SK}},
        UpdateExpression="SET #status = :status",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={":status": {"S": ended["status"]}},
    )
    _invoke(stage, "workflow-archive", {"id": "a-scenario"})


def _composite(stage: Stage, children: list[str]) -> Json:
    arn = f"arn:aws:cloudwatch:{stage.state.region}:{stage.state.account_id}:alarm:"
    return {
        "AlarmName": "of-every-child",
        "AlarmArn": f"{arn}of-every-child",
        "NewStateValue": "ALARM",
        "OldStateValue": "OK",
        "NewStateReason": "a scenario",
        "StateChangeTime": "2026-11-25T00:00:00.000+0000",
        "TriggeringChildren": [{"Arn": f"{arn}{child}"} for child in children],
    }


def _ending() -> Json:
    execution = new_execution_id()
    return {
        "executionId": execution,
        "executionArn": f"arn:aws:states:ap-northeast-1:123456789012:execution:M:{execution}",
        "goalId": str(uuid4()),
        "status": "PARTIALLY_SUCCEEDED",
        "totalActions": 2,
        "succeededActions": 1,
        "failedActions": 1,
    }


def _envelope(message: Json) -> str:
    """A message in the form in which SNS sends it to a queue."""
    return json.dumps(
        {
            "Type": "Notification",
            "MessageId": str(uuid4()),
            "Message": json.dumps(message),
            "Timestamp": "2026-11-25T00:00:00.000Z",
        }
    )


def _record(body: str) -> Json:
    return {
        "messageId": str(uuid4()),
        "receiptHandle": "of-a-scenario",
        "attributes": {"ApproximateReceiveCount": "1"},
        "body": body,
    }


def _invoke(stage: Stage, function: str, event: Json) -> None:
    arn = stage.state.exports["functionArns"][function]
    answer = stage.state.client("lambda").invoke(FunctionName=arn, Payload=json.dumps(event))
    assert "FunctionError" not in answer, answer["Payload"].read()


def new_mandala(stage: Stage, size: int = 1) -> Mandala:
    """A new goal."""
    return stage.place(small_goal(f"権限を使い切る目標 {uuid4()}", size))


def at_work(stage: Stage) -> str:
    """The id of an execution with slow model calls, once the first one has started."""
    mandala = new_mandala(stage)
    started = stage.start(mandala, latency=30)
    owner = sign_in_all(stage).owner

    def statuses() -> list[str]:
        return [each["status"] for each in owner.actions(started.execution_id)["actions"]]

    wait_until(lambda: statuses() == ["GENERATING"])
    return started.execution_id

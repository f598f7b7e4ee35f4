"""Reads what a goal has left behind, past all proxies (`checks.evidence`)."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from chaos.parts.checks.evidence import Execution, GoalEvidence, Item, Task
from chaos.parts.ledger import Goal, Ledger
from chaos.parts.scene import Scene
from handlers.contract.statuses import ExecutionStatus
from handlers.contract.table_keys import (
    ACTION_SK_PREFIX,
    EXECUTION_SK,
    GOAL_INDEX,
    TASKS_SK_PREFIX,
)
from handlers.storage.items import deserialised
from localcloud.database.product import Connection

_TASKS = """
    SELECT t.id::text, t."actionId"::text, t.status::text, t.title FROM tasks t
    JOIN actions a ON a.id = t."actionId" JOIN sub_goals s ON s.id = a."subGoalId"
    WHERE s."goalId" = %s
"""


def is_settled(scene: Scene, connection: Connection, goal: Goal) -> bool:
    """Whether nothing is under way for the goal: no lock, no open record, no state machine."""
    row = connection.execute(
        "SELECT execution_id FROM goal_workflows WHERE goal_id = %s", [goal.goal_id]
    ).fetchone()
    if row and row[0]:
        return False
    return all(
        each["status"] != ExecutionStatus.RUNNING
        and _machine_status(scene, each["executionArn"]) != ExecutionStatus.RUNNING
        for each in _records(scene, goal)
    )


def testimony(
    scene: Scene, connection: Connection, goal: Goal, ledger: Ledger, marker: str
) -> GoalEvidence:
    """All that is known about a goal now; `marker` is in all its texts."""
    state = connection.execute(
        "SELECT state, execution_id::text FROM goal_workflows WHERE goal_id = %s", [goal.goal_id]
    ).fetchone()
    executions = [_execution(scene, record, ledger) for record in _records(scene, goal)]
    return GoalEvidence(
        goal_id=goal.goal_id,
        seed=goal.seed,
        state=state[0] if state else "DRAFT",
        lock=state[1] if state else None,
        executions=tuple(sorted(executions, key=lambda each: each.started_at)),
        tasks=tuple(Task(*row) for row in connection.execute(_TASKS, [goal.goal_id])),
        replies=tuple(goal.replies),
        touched=tuple(goal.touched),
        stranger=tuple(goal.stranger),
        leaks=tuple(_leaks(scene, executions, marker)),
        actions=goal.actions,
    )


def log_leaks(scene: Scene, marker: str, since: float) -> Iterator[str]:
    """The log groups of functions that hold the marker in a line since then (Unix seconds)."""
    logs = scene.state.client("logs")
    for name, group in scene.state.exports["logGroupNames"].items():
        pages = logs.get_paginator("filter_log_events").paginate(
            logGroupName=group, startTime=int(since * 1000)
        )
        if any(marker in event["message"] for page in pages for event in page["events"]):
            yield f"the log of {name}"


def _records(scene: Scene, goal: Goal) -> list[Mapping[str, Any]]:
    found = scene.state.client("dynamodb").query(
        TableName=scene.state.table_name,
        IndexName=GOAL_INDEX,
        KeyConditionExpression="goalId = :goal",
        ExpressionAttributeValues={":goal": {"S": goal.goal_id}},
    )
    return [deserialised(item) for item in found["Items"]]


def _execution(scene: Scene, record: Mapping[str, Any], ledger: Ledger) -> Execution:
    execution_id: str = record["pk"]
    pages = (
        scene.state.client("dynamodb")
        .get_paginator("query")
        .paginate(
            TableName=scene.state.table_name,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": execution_id}},
            ConsistentRead=True,
        )
    )
    items = {item["sk"]: item for page in pages for item in map(deserialised, page["Items"])}
    record = items.get(EXECUTION_SK, record)
    return Execution(
        execution_id=execution_id,
        status=record["status"],
        error_code=record.get("errorCode", ""),
        started_at=datetime.fromisoformat(record["startedAt"]),
        stopped_at=_time(record.get("stoppedAt")),
        parent_id=record.get("parentExecutionId"),
        succeeded=int(record.get("succeededActions", 0)),
        failed=tuple(record.get("failedActions", ())),
        total=int(record["totalActions"]),
        task_count=int(record["taskCount"]),
        input_tokens=int(record["inputTokens"]),
        output_tokens=int(record["outputTokens"]),
        items={
            sk.removeprefix(ACTION_SK_PREFIX): _item(
                item, items.get(TASKS_SK_PREFIX + sk.removeprefix(ACTION_SK_PREFIX))
            )
            for sk, item in items.items()
            if sk.startswith(ACTION_SK_PREFIX)
        },
        machine_status=_machine_status(scene, record["executionArn"]),
        calls=ledger.calls_of(execution_id),
        progress=tuple(ledger.progress.get(execution_id, ())),
        messages=sum(execution_id in json.dumps(each) for each in list(scene.slack.messages)),
    )


def _item(item: Mapping[str, Any], tasks: Mapping[str, Any] | None) -> Item:
    return Item(
        status=item["status"],
        error_code=item.get("errorCode", ""),
        task_count=int(item.get("taskCount", 0)),
        calls_started=int(item["callsStarted"]),
        calls_ended=int(item["callsEnded"]),
        input_tokens=int(item["inputTokens"]),
        output_tokens=int(item["outputTokens"]),
        ended_at=_time(item.get("endedAt")),
        kept=len(tasks["tasks"]) if tasks else None,
    )


def _machine_status(scene: Scene, arn: str) -> str | None:
    try:
        return scene.state.client("stepfunctions").describe_execution(executionArn=arn)["status"]
    except ClientError:
        return None


def _leaks(scene: Scene, executions: list[Execution], marker: str) -> Iterator[str]:
    slack = json.dumps(list(scene.slack.messages), ensure_ascii=False)
    if marker in slack:
        yield "Slack"
    machine: str = scene.state.state_machine_arn
    prefix = machine.rpartition(":")[0].replace(":stateMachine:", ":execution:")
    states = scene.state.client("stepfunctions")
    for each in executions:
        if each.machine_status is None:
            continue
        pages = states.get_paginator("get_execution_history").paginate(
            executionArn=f"{prefix}:{each.execution_id}"
        )
        if any(marker in json.dumps(page, default=str, ensure_ascii=False) for page in pages):
            yield f"the history of {each.execution_id}"


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None

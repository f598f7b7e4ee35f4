"""What happened lately: the calls that the diagnosis rests on."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from handlers.contract.functions import FUNCTIONS
from handlers.contract.statuses import ExecutionStatus
from handlers.contract.table_keys import INDEXES
from handlers.storage.execution_records import ExecutionRecord
from ops.doctor.troubles import Evidence, Failed
from ops.executions.goal import Goal, read_goal
from ops.executions.reading import list_records, read_execution
from ops.logs.reading import chosen, read_lines
from ops.stack import Stack

_EXECUTIONS = 500
_LOOKED_INTO = 30
"""How many executions are read as a whole: the newest of those that did not succeed."""

_NO_ANSWER = "ReadTimeoutError"
"""botocore's error in the detail of a failed attempt (handlers/generation/model.py)."""

_NOT_BAD = (ExecutionStatus.RUNNING, ExecutionStatus.SUCCEEDED)


def gather(stack: Stack, since: datetime, now: datetime, timeout_seconds: int) -> Evidence:
    """The evidence of a span of time. timeout_seconds: the setting workflowTimeout."""
    executions = list_records(stack, since=since, limit=_EXECUTIONS)
    # one that hangs began earlier than the span
    running = list_records(stack, status=ExecutionStatus.RUNNING, since=None, limit=_EXECUTIONS)
    goals = [read_goal(stack, each.goal_id, now) for each in running]
    bad = [each for each in executions if each.status not in _NOT_BAD][:_LOOKED_INTO]
    looked_into = [read_execution(stack, each.execution_id) for each in bad]
    failures = Counter[str]()
    for each in looked_into:
        failures.update(each.failures)
    taken = {each.parent_execution_id for each in executions}
    busy = {each.goal_id for each in running}
    deadline = now - timedelta(seconds=timeout_seconds + 60)
    function_timeouts, model_timeouts = _timeouts(stack, since)
    return Evidence(
        ended=sum(each.status != ExecutionStatus.RUNNING for each in executions),
        timed_out=_with_status(executions, ExecutionStatus.TIMED_OUT),
        partial=_with_status(executions, ExecutionStatus.PARTIALLY_SUCCEEDED),
        stuck={
            goal.goal_id: f"{goal.why}; {goal.what_to_do}" for goal in goals if not goal.healthy
        },
        failures=dict(failures.most_common()),
        actions=sum(each.total for each in looked_into),
        function_timeouts=function_timeouts,
        model_timeouts=model_timeouts,
        throttles=_throttles(stack, since, now),
        unreleased=_holders(goal for goal in goals if not goal.healthy),
        overdue=_holders(goal for goal in goals if _is_late(goal, deadline)),
        retryable=[
            Failed(each.execution_id, each.goal_id, each.failures)
            for each in looked_into
            if each.failures and each.execution_id not in taken and each.goal_id not in busy
        ],
    )


def _holders(goals: Iterable[Goal]) -> dict[str, str]:
    return {goal.goal_id: goal.holder.execution_id for goal in goals if goal.holder}


def _is_late(goal: Goal, deadline: datetime) -> bool:
    holder = goal.holder
    if holder is None or holder.machine_status != "RUNNING":
        return False
    return datetime.fromisoformat(holder.started_at) < deadline


def _with_status(executions: Sequence[ExecutionRecord], status: ExecutionStatus) -> int:
    return sum(each.status == status for each in executions)


def _timeouts(stack: Stack, since: datetime) -> tuple[dict[str, int], int]:
    """Of functions, by function; and of calls of the model."""
    groups = chosen(stack, [spec.name for spec in FUNCTIONS])
    lines = read_lines(stack, groups, since, None, level="WARNING")
    dead = Counter(line.source for line in lines if "Task timed out" in line.message)
    unanswered = sum(_NO_ANSWER in line.fields.get("detail", "") for line in lines)
    return dict(dead), unanswered


def _throttles(stack: Stack, since: datetime, now: datetime) -> float | None:
    queries = [
        _query(f"q{number}", stack.names.table, metric, index)
        for number, (metric, index) in enumerate(
            (metric, index)
            for metric in ("ReadThrottleEvents", "WriteThrottleEvents")
            for index in (None, *INDEXES)
        )
    ]
    try:
        pages = stack.client("cloudwatch").get_paginator("get_metric_data")
        answers = [*pages.paginate(MetricDataQueries=queries, StartTime=since, EndTime=now)]
    except (BotoCoreError, ClientError):
        return None
    return sum(
        value
        for answer in answers
        for result in answer["MetricDataResults"]
        for value in result["Values"]
    )


def _query(id_: str, table: str, metric: str, index: str | None) -> dict[str, Any]:
    dimensions = [{"Name": "TableName", "Value": table}]
    if index:
        dimensions.append({"Name": "GlobalSecondaryIndexName", "Value": index})
    named = {"Namespace": "AWS/DynamoDB", "MetricName": metric, "Dimensions": dimensions}
    return {"Id": id_, "MetricStat": {"Metric": named, "Period": 300, "Stat": "Sum"}}

"""The readings behind the knobs: the calls."""

from collections import Counter
from datetime import datetime

from components.monitoring.metric_factory import MetricFactory
from components.settings import Settings
from handlers.contract.functions import TASK_GENERATION, WORKFLOW_SAVE_BATCH
from handlers.contract.statuses import ExecutionStatus
from handlers.contract.table_keys import INDEXES
from handlers.executions.progress import has_failed
from ops.executions.reading import list_records, table_of
from ops.logs.lines import LogLine
from ops.logs.reading import chosen, read_lines
from ops.stack import Stack
from ops.tune.invocations import most_memory_used, read_invocations
from ops.tune.knobs import Readings
from ops.tune.metrics import Span, read_metrics

_EXECUTIONS = 1000
_NO_ANSWER = "ReadTimeoutError"
"""botocore's error in the detail of a failed attempt (handlers/generation/model.py)."""

_LOOKED_INTO = 50
"""How many executions are read as a whole: the newest of those with failed actions."""


def is_timeout(line: LogLine) -> bool:
    """Whether task-generation, or its call of the model, which gives up first, took too long."""
    return "Task timed out" in line.message or _NO_ANSWER in line.fields.get("detail", "")


def quota_of(stack: Stack, settings: Settings) -> int:
    """Lambda's concurrent executions that the account may have: the setting's, or what AWS says."""
    if settings.account_concurrency:
        return settings.account_concurrency
    limit = stack.client("lambda").get_account_settings()["AccountLimit"]
    return limit["ConcurrentExecutions"]


def read(stack: Stack, settings: Settings, since: datetime, now: datetime) -> Readings:
    """What was measured since then."""
    span = Span(since, now)
    records = list_records(stack, since=since, limit=_EXECUTIONS)
    failures = Counter[str]()
    table = table_of(stack)
    for record in [each for each in records if each.failed_actions][:_LOOKED_INTO]:
        items = table.work_items.of(record.execution_id)
        failures.update(item.error_code or "UNKNOWN" for item in items if has_failed(item))
    factory = MetricFactory(stack.names)
    throttles = [
        factory.table(metric, index=index)
        for metric in ("ReadThrottleEvents", "WriteThrottleEvents")
        for index in (None, *INDEXES)
    ]
    values = read_metrics(
        stack,
        {
            "generation": factory.function(TASK_GENERATION, "Duration", "p95"),
            "save": factory.function(WORKFLOW_SAVE_BATCH, "Duration", "p95"),
            "throttles": factory.function(TASK_GENERATION, "Throttles"),
            "peak": factory.account_concurrency(),
            **{f"table {number}": each for number, each in enumerate(throttles)},
        },
        span,
    )
    held = values or {}
    table_values = [held.get(f"table {number}") for number in range(len(throttles))]
    invocations = read_invocations(stack, TASK_GENERATION, span)
    sources = chosen(stack, [TASK_GENERATION.name])
    lines = read_lines(stack, sources, since, now, level="WARNING")
    return Readings(
        timed_out=sum(each.status == ExecutionStatus.TIMED_OUT for each in records),
        actions=sum(each.total_actions for each in records),
        failures=dict(failures.most_common()),
        generation_p95_ms=held.get("generation"),
        save_p95_ms=held.get("save"),
        generation_timeouts=sum(map(is_timeout, lines)),
        lambda_throttles=held.get("throttles"),
        peak_concurrency=held.get("peak"),
        quota=quota_of(stack, settings),
        used_mb=most_memory_used(invocations),
        invocations=len(invocations),
        cold_starts=sum(each.init_ms is not None for each in invocations),
        table_throttles=sum(v or 0 for v in table_values) if values is not None else None,
    )

"""What the check-lists ask of AWS: the calls."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from components.monitoring.metric_factory import MetricFactory, MetricStat
from components.names import ALIAS
from components.settings import Settings
from handlers.contract.functions import FUNCTIONS, FunctionSpec
from handlers.contract.table_keys import INDEXES
from ops.executions.reading import list_records
from ops.logs.reading import groups, read_lines
from ops.maintenance.judging import Function
from ops.stack import Stack
from ops.tune.invocations import most_memory_used, read_invocations
from ops.tune.metrics import Span, Values, read_metrics

_MOST_EXECUTIONS = 10_000


def read_errors(stack: Stack, span: Span) -> Counter[str]:
    """Lines of level ERROR by source."""
    lines = read_lines(stack, groups(stack), span.first, span.last, level="ERROR")
    return Counter(line.source for line in lines)


def read_endings(stack: Stack, span: Span) -> Values | None:
    """Executions: started, failed, timed out; p95 and longest in milliseconds."""
    states = MetricFactory(stack.names).states
    wanted = {
        "started": states("ExecutionsStarted"),
        "failed": states("ExecutionsFailed"),
        "timed out": states("ExecutionsTimedOut"),
        "p95": states("ExecutionTime", "p95"),
        "max": states("ExecutionTime", "Maximum"),
    }
    return read_metrics(stack, wanted, span)


def read_functions(stack: Stack, span: Span, *, with_memory: bool) -> list[Function]:
    """Every function; none where CloudWatch did not answer."""
    factory = MetricFactory(stack.names)
    wanted = {
        f"{spec.name} {name}": factory.function(spec, name, "p95" if name == "Duration" else "Sum")
        for spec in FUNCTIONS
        for name in ("Invocations", "Errors", "Throttles", "Duration")
    }
    values = read_metrics(stack, wanted, span)
    if values is None:
        return []
    return [_function(stack, spec, values, span, with_memory) for spec in FUNCTIONS]


def _function(
    stack: Stack, spec: FunctionSpec, values: Values, span: Span, with_memory: bool
) -> Function:
    live = stack.client("lambda").get_function_configuration(
        FunctionName=stack.names.function(spec), Qualifier=ALIAS
    )
    used = most_memory_used(read_invocations(stack, spec, span)) if with_memory else None

    def value(name: str) -> float:
        return values[f"{spec.name} {name}"] or 0.0

    return Function(
        name=spec.name,
        invocations=value("Invocations"),
        errors=value("Errors"),
        throttles=value("Throttles"),
        p95_ms=value("Duration"),
        timeout_ms=live["Timeout"] * 1000.0,
        memory_mb=live["MemorySize"],
        used_mb=used,
    )


def guide_metrics(stack: Stack) -> dict[str, MetricStat]:
    """The metrics of the guide's three tables, of the whole stack."""
    factory = MetricFactory(stack.names)
    found = {name: factory.states(name) for name in
             ("ExecutionsStarted", "ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsTimedOut",
              "ExecutionsAborted")}  # fmt: skip
    for spec in FUNCTIONS:
        found |= {
            f"{spec.name} {name}": factory.function(spec, name)
            for name in ("Invocations", "Errors", "Throttles")
        }
    found["ConcurrentExecutions"] = factory.account_concurrency()
    for index in (None, *INDEXES):
        found |= {
            f"{index or 'table'} {name}": factory.table(name, index=index)
            for name in ("ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits",
                         "ReadThrottleEvents", "WriteThrottleEvents")
        }  # fmt: skip
    found["UserErrors"] = factory.account_user_errors()
    found["SystemErrors"] = factory.table("SystemErrors")
    return found


def limits(
    names: Mapping[str, MetricStat], settings: Settings, quota: int, span: Span
) -> dict[str, float]:
    """The most that needs nobody: no throttle, no error of the table, shares of what there is.

    quota: concurrent executions of the account.
    """
    none = ("Throttles", "ReadThrottleEvents", "WriteThrottleEvents", "UserErrors", "SystemErrors")
    found = {name: 0.0 for name in names if name.endswith(none)}
    found["ConcurrentExecutions"] = quota * settings.alarms.concurrency / 100
    if settings.table.billing == "provisioned":
        share = settings.alarms.dynamo_capacity / 100 * (span.last - span.first).total_seconds()
        found["table ConsumedReadCapacityUnits"] = settings.table.read * share
        found["table ConsumedWriteCapacityUnits"] = settings.table.write * share
    return found


def read_alarms(stack: Stack, span: Span) -> tuple[dict[str, str], Counter[str], list[str]]:
    """Name -> state; how often each went to ALARM; those that have actions which are off."""
    client = stack.client("cloudwatch")
    types = ["MetricAlarm", "CompositeAlarm"]
    pages = client.get_paginator("describe_alarms").paginate(
        AlarmNamePrefix=stack.names.prefix, AlarmTypes=types
    )
    alarms = [
        each
        for page in pages
        for kind in ("MetricAlarms", "CompositeAlarms")
        for each in page.get(kind, [])
    ]
    changes = client.get_paginator("describe_alarm_history").paginate(
        AlarmTypes=types, HistoryItemType="StateUpdate", StartDate=span.first, EndDate=span.last
    )
    fired = Counter(
        each["AlarmName"]
        for page in changes
        for each in page["AlarmHistoryItems"]
        if each["AlarmName"].startswith(stack.names.prefix)
        and each.get("HistorySummary", "").endswith("to ALARM")
    )
    off = [
        each["AlarmName"]
        for each in alarms
        if each.get("AlarmActions") and not each.get("ActionsEnabled", True)
    ]
    return {each["AlarmName"]: each["StateValue"] for each in alarms}, fired, off


def read_backups(stack: Stack) -> tuple[list[dict[str, Any]], str]:
    """The table's own backups, and whether it can be restored to a point in time."""
    client, name = stack.client("dynamodb"), stack.names.table
    pages = client.get_paginator("list_backups").paginate(TableName=name, BackupType="ALL")
    summaries = [each for page in pages for each in page["BackupSummaries"]]
    described = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    recovery = described.get("PointInTimeRecoveryDescription", {})
    return summaries, recovery.get("PointInTimeRecoveryStatus", "DISABLED")


def read_goals(stack: Stack, first: datetime) -> tuple[dict[str, Decimal], int]:
    """Goal id -> US dollars of its model calls since then; how many executions those were."""
    records = list_records(stack, since=first, limit=_MOST_EXECUTIONS)
    found = dict[str, Decimal]()
    for record in records:
        found[record.goal_id] = found.get(record.goal_id, Decimal()) + record.usage.cost_usd
    return found, len(records)

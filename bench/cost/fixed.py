"""What a stack costs in a month without a goal, from the program that declares it."""

from collections import Counter
from decimal import Decimal
from typing import Any

from bench.cost.prices import cost
from components.compute.workflow_functions import SNAPSHOTTED
from declared.program import evaluate
from declared.resources import DeclaredResource
from declared.throwaway_secrets import throwaway_secrets

_ITEMS = {
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": "composite_alarm",
    "aws:cloudwatch/dashboard:Dashboard": "dashboard",
    "aws:kms/key:Key": "key",
    "aws:secretsmanager/secret:Secret": "secret",
}
_SECONDS_A_MONTH = 30 * 24 * 3600
_METRIC_ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"


def fixed_use(stack: str) -> dict[str, float]:
    """Item of the price list -> how many of it a stack has; an alarm is paid by its metrics."""
    counts = Counter[str]()
    for resource in evaluate(stack, throwaway_secrets()).resources:
        if item := _ITEMS.get(resource.type):
            counts[item] += 1
        elif resource.type == _METRIC_ALARM:
            counts["alarm_metric"] += _metrics(resource)
    return dict(counts)


def fixed_cost(stack: str) -> Decimal:
    """US dollars a month."""
    return sum(cost(fixed_use(stack)).values(), Decimal())


def snapshot_cost(versions: int) -> Decimal:
    """US dollars a month for the snapshots of so many versions of each function with SnapStart."""
    gigabytes = sum(spec.memory_mb for spec in SNAPSHOTTED) / 1024
    return cost({"snapshot_gb_second": versions * gigabytes * _SECONDS_A_MONTH})[
        "snapshot_gb_second"
    ]


def _metrics(alarm: DeclaredResource) -> int:
    queries: list[dict[str, Any]] = alarm.inputs.get("metricQueries") or []
    return sum("metric" in query for query in queries) or 1

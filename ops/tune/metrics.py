"""CloudWatch's metrics of a stack over a span of time, one number each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from components.monitoring.metric_factory import MetricStat
from ops.stack import Stack

_DAY, _MINUTE = 86_400, 60
_AT_ONCE = 500
"""Queries that GetMetricData takes at once (CloudWatch API reference)."""


@dataclass(frozen=True)
class Span:
    """From a time to another."""

    first: datetime
    last: datetime

    @property
    def before(self) -> "Span":
        """The span of the same length that ends where this one begins."""
        return Span(self.first - (self.last - self.first), self.first)


Values = dict[str, float | None]
"""Name -> number; None where CloudWatch holds no sample."""


def read_metrics(stack: Stack, wanted: Mapping[str, MetricStat], span: Span) -> Values | None:
    """The sum of a metric, or the highest of its percentiles and maxima; None: it did not answer.

    A percentile over several days is that of the worst day.
    """
    seconds = (span.last - span.first).total_seconds()
    period = min(_DAY, max(_MINUTE, round(seconds / _MINUTE + 0.5) * _MINUTE))
    names = list(wanted)
    found: Values = dict.fromkeys(names)
    client = stack.client("cloudwatch")
    try:
        for first in range(0, len(names), _AT_ONCE):
            chunk = names[first : first + _AT_ONCE]
            queries = [_query(f"q{n}", wanted[name], period) for n, name in enumerate(chunk)]
            pages = client.get_paginator("get_metric_data").paginate(
                MetricDataQueries=queries, StartTime=span.first, EndTime=span.last
            )
            for result in (each for page in pages for each in page["MetricDataResults"]):
                name = chunk[int(result["Id"][1:])]
                found[name] = _join(wanted[name], found[name], result["Values"])
    except (BotoCoreError, ClientError):
        return None
    return found


def _join(stat: MetricStat, before: float | None, values: list[float]) -> float | None:
    given = [*([] if before is None else [before]), *values]
    if not given:
        return None
    return sum(given) if stat.statistic in ("Sum", "SampleCount") else max(given)


def _query(id_: str, stat: MetricStat, period: int) -> dict[str, Any]:
    metric = {
        "Namespace": stat.namespace,
        "MetricName": stat.name,
        "Dimensions": [{"Name": name, "Value": value} for name, value in stat.dimensions],
    }
    return {"Id": id_, "MetricStat": {"Metric": metric, "Period": period, "Stat": stat.statistic}}

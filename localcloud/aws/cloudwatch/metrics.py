"""Metrics, and the series that CloudWatch makes of their samples: one statistic a period."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Protocol

Series = tuple[float | None, ...]
"""One value a period, the oldest first; None where there was no sample."""


@dataclass(frozen=True)
class MetricKey:
    """What identifies a metric: the same name with other dimensions is another metric."""

    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str]] = frozenset()


@cache
def metric_key(namespace: str, name: str, **dimensions: str) -> MetricKey:
    """A metric, with its dimensions as keyword arguments."""
    return MetricKey(namespace, name, frozenset(dimensions.items()))


@dataclass(frozen=True)
class StatisticQuery:
    """A statistic of each of `count` periods, one after the other.

    statistic: as CloudWatch names it: Sum, Average, Minimum, Maximum, SampleCount, p95, p99.9 ...
    period: in seconds.
    start: of the first period, Unix seconds. A period contains its start, but not its end.
    """

    metric: MetricKey
    statistic: str
    period: int
    start: float
    count: int


class MetricSource(Protocol):
    """Whatever answers such queries."""

    def read(self, queries: Iterable[StatisticQuery], /) -> Mapping[StatisticQuery, Series]:
        """The series of each query."""
        ...

"""Metrics and where their values come from: samples in, one statistic a period out."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Protocol

from localcloud.aws.cloudwatch.statistics import statistic

Series = tuple[float | None, ...]
"""One value a period, the oldest first; None where there was no sample."""


@dataclass(frozen=True)
class Metric:
    """A metric: the same name with other dimensions is another metric."""

    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str]] = frozenset()


@cache
def metric(namespace: str, name: str, **dimensions: str) -> Metric:
    """A metric by its dimensions' names."""
    return Metric(namespace, name, frozenset(dimensions.items()))


@dataclass(frozen=True)
class Query:
    """A statistic of each of `count` periods, one after the other.

    statistic: as CloudWatch names it: Sum, Average, Minimum, Maximum, SampleCount, p95, p99.9 ...
    period: seconds. start: of the first, Unix seconds; a period holds its start, not its end.
    """

    metric: Metric
    statistic: str
    period: int
    start: float
    count: int


class Source(Protocol):
    """Whatever answers queries."""

    def read(self, queries: Iterable[Query], /) -> Mapping[Query, Series]:
        """The series of each query."""
        ...


class MetricStore:
    """Samples in memory."""

    def __init__(self) -> None:
        self._samples: dict[Metric, tuple[list[float], list[float]]] = {}

    def add(self, metric: Metric, at: float, value: float, times: int = 1) -> None:
        """One sample, or several of the same value; `at` in Unix seconds, in any order."""
        moments, values = self._samples.setdefault(metric, ([], []))
        place = len(moments)
        if moments and at < moments[-1]:
            place = bisect_left(moments, at)
        moments[place:place] = [at] * times
        values[place:place] = [value] * times

    def read(self, queries: Iterable[Query], /) -> Mapping[Query, Series]:
        """The series of each query."""
        return {query: self._series(query) for query in queries}

    def metrics(self) -> frozenset[Metric]:
        """All metrics that have a sample."""
        return frozenset(self._samples)

    def _series(self, query: Query) -> Series:
        moments, values = self._samples.get(query.metric, ([], []))
        edges = [
            bisect_left(moments, query.start + query.period * number)
            for number in range(query.count + 1)
        ]
        return tuple(
            statistic(query.statistic, values[first:last]) if first < last else None
            for first, last in pairwise(edges)
        )

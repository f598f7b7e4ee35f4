"""Samples in memory as a source of metrics, and the evaluation of one alarm on it."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise

from localcloud.aws.cloudwatch.alarm_definitions import MetricAlarmDefinition
from localcloud.aws.cloudwatch.evaluation import (
    DEFAULT_ASSUMPTIONS,
    AlarmEvaluation,
    EvaluationAssumptions,
    evaluate_series,
    required_queries,
)
from localcloud.aws.cloudwatch.metrics import MetricKey, Series, StatisticQuery
from localcloud.aws.cloudwatch.percentiles import percentile_rank

_STATISTICS: dict[str, Callable[[Sequence[float]], float]] = {
    "Sum": sum,
    "Average": lambda values: sum(values) / len(values),
    "Minimum": min,
    "Maximum": max,
    "SampleCount": len,
}


class MetricStore:
    """A `MetricSource` whose samples a test adds."""

    def __init__(self) -> None:
        self._samples: dict[MetricKey, tuple[list[float], list[float]]] = {}

    def add(self, metric: MetricKey, at: float, value: float, times: int = 1) -> None:
        """Add a sample `times` times; `at` in Unix seconds, in any order."""
        moments, values = self._samples.setdefault(metric, ([], []))
        place = len(moments)
        if moments and at < moments[-1]:
            place = bisect_left(moments, at)
        moments[place:place] = [at] * times
        values[place:place] = [value] * times

    def read(self, queries: Iterable[StatisticQuery], /) -> Mapping[StatisticQuery, Series]:
        """The series of each query."""
        return {query: self._series(query) for query in queries}

    def metrics(self) -> frozenset[MetricKey]:
        """All metrics that have a sample."""
        return frozenset(self._samples)

    def _series(self, query: StatisticQuery) -> Series:
        moments, values = self._samples.get(query.metric, ([], []))
        edges = [
            bisect_left(moments, query.start + query.period * number)
            for number in range(query.count + 1)
        ]
        return tuple(
            statistic(query.statistic, values[first:last]) if first < last else None
            for first, last in pairwise(edges)
        )


def statistic(name: str, values: Sequence[float]) -> float:
    """A statistic of at least one sample. Raises ValueError for an unknown name.

    CloudWatch does not publish how it finds a percentile between two samples: here it is linear
    interpolation, as in the emulator.
    """
    if name in _STATISTICS:
        return float(_STATISTICS[name](values))
    ordered = sorted(values)
    position = percentile_rank(name) / 100 * (len(ordered) - 1)
    below = int(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (position - below) * (ordered[above] - ordered[below])


def evaluate(
    alarm: MetricAlarmDefinition,
    store: MetricStore,
    at: float,
    assumptions: EvaluationAssumptions = DEFAULT_ASSUMPTIONS,
) -> AlarmEvaluation:
    """Evaluate one alarm at a moment (Unix seconds)."""
    queries = dict(required_queries(alarm, at, assumptions))
    return evaluate_series(alarm, queries, store.read(queries.values()), assumptions)

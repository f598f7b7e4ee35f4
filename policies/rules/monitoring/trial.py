"""What a declared alarm does with given values of its metrics: it fires, or it does not."""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from policies.stack.metric_math import ExpressionError, ids, parse
from policies.stack.metric_values import UnsupportedError, value_of
from policies.stack.metrics import Metric, Query, queries_of
from policies.stack.resource_graph import Resource

Given = Mapping[str, float]
"""Label of a metric -> its value in one period; a metric that is not in it has none."""

_IMPLIED = frozenset({"environment", "StateMachineArn", "TableName", "ApiId"})
"""Dimensions of which a workflow stack has one value; alarm-dimensions judges it."""

_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}


def label(metric: Metric) -> str:
    """Namespace, name, statistic and the values of dimensions that may have several, in text."""
    values = [str(v) for name, v in sorted(metric.dimensions.items()) if name not in _IMPLIED]
    return " ".join([metric.namespace, metric.name, metric.statistic, *values])


@dataclass(frozen=True)
class Trial:
    """A metric alarm, read once for all trials.

    labels: id of a query -> the label of its metric.
    """

    alarm: Resource
    queries: Mapping[str, Query]
    labels: Mapping[str, str]

    def fires(self, given: Given) -> bool:
        """Whether a period with these values breaches. Raises ExpressionError, UnsupportedError."""
        compared = next((each for each in self.queries.values() if each.returned), None)
        compares = _COMPARISONS.get(str(self.alarm.read("comparisonOperator")))
        threshold = self.alarm.read("threshold")
        if compared is None or compares is None or not isinstance(threshold, int | float):
            raise UnsupportedError("it compares nothing with a threshold")
        value = self._value(compared, given, frozenset())
        if value is None:
            return self.alarm.read("treatMissingData") == "breaching"
        return compares(value, threshold)

    def _value(self, query: Query, given: Given, above: frozenset[str]) -> float | None:
        if query.metric:
            return given.get(self.labels[query.id])
        if query.id in above:
            raise ExpressionError(f"{query.id} is computed from itself")
        tree, inner = parse(query.expression or ""), above | {query.id}
        known = {each: self._value(self.queries[each], given, inner) for each in ids(tree)}
        return value_of(tree, known)


def trial_of(alarm: Resource) -> Trial:
    """An alarm with its queries, which CloudWatch has to accept."""
    queries = {each.id: each for each in queries_of(alarm)}
    labels = {id_: label(each.metric) for id_, each in queries.items() if each.metric}
    return Trial(alarm, queries, labels)

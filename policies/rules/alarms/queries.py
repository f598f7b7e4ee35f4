"""The queries of an alarm: ids, expressions, and the values that the alarm compares."""

import re
from collections.abc import Iterator, Mapping

from policies.rules.alarms.metrics import METRICS
from policies.rules.alarms.ranges import Values, values_of, values_of_metric
from policies.stack.metric_math import ExpressionError, calls, function, ids, parse
from policies.stack.metrics import Query, queries_of
from policies.stack.resource_graph import Resource

_ID = re.compile(r"[a-z][a-zA-Z0-9_]{0,254}")
_BAND = "ANOMALY_DETECTION_BAND"


def wrong_queries(alarm: Resource) -> Iterator[str]:
    """What CloudWatch would refuse in the queries of an alarm."""
    queries = queries_of(alarm)
    band = alarm.read("thresholdMetricId")
    if not queries[0].id:
        metric = queries[0].metric
        if alarm.read("metricQueries") or metric is None or not metric.name:
            yield "it has neither a metric nor queries with ids"
        elif not metric.period:
            yield "its metric has no period"
        return
    names = [each.id for each in queries]
    for query in queries:
        if not _ID.fullmatch(query.id) or names.count(query.id) > 1:
            yield f"the id {query.id!r} is used twice, or does not begin with a small letter"
        if (query.metric is None) == (query.expression is None):
            yield f"{query.id} needs either a metric or an expression"
        if query.metric and not query.metric.period:
            yield f"{query.id} has no period"
        if query.expression is not None:
            yield from _wrong_expression(query, queries)
    returned = [each.id for each in queries if each.returned and each.id != band]
    if len(returned) != 1:
        yield f"exactly one query may have returnData, {', '.join(returned) or 'none'} has it"
    if band is not None and not any(each.id == band and _is_band(each) for each in queries):
        yield f"thresholdMetricId is {band}, which is no {_BAND}"
    if alarm.read("metricName"):
        yield "it has a metric beside its queries"


def values_compared(alarm: Resource) -> Values | None:
    """The values that an alarm compares; None if its queries are wrong."""
    if any(wrong_queries(alarm)):
        return None
    queries = {each.id: each for each in queries_of(alarm)}
    band = alarm.read("thresholdMetricId")
    compared = next(each for each in queries.values() if each.returned and each.id != band)
    return _values(compared, queries)


def _values(query: Query, queries: Mapping[str, Query]) -> Values:
    if query.metric:
        published = METRICS.get((query.metric.namespace, query.metric.name))
        return values_of_metric(query.id, query.metric, published)
    tree = parse(query.expression or "")
    return values_of(tree, {each: _values(queries[each], queries) for each in ids(tree)})


def _wrong_expression(query: Query, queries: list[Query]) -> Iterator[str]:
    expressions = {each.id: each.expression for each in queries}
    try:
        used = ids(parse(query.expression or ""))
    except ExpressionError as error:
        yield f"{query.id}: {error}"
        return
    for each in sorted(used - set(expressions)):
        yield f"{query.id} uses {each}, which no query has"
    if query.id in _reached(used, expressions):
        yield f"{query.id} is computed from itself"


def _reached(used: frozenset[str], expressions: Mapping[str, str | None]) -> set[str]:
    pending, seen = list(used), set[str]()
    while pending:
        id_ = pending.pop()
        text = expressions.get(id_)
        if id_ not in seen:
            seen.add(id_)
            try:
                pending += ids(parse(text)) if text else ()
            except ExpressionError:
                continue
    return seen


def _is_band(query: Query) -> bool:
    try:
        tree = parse(query.expression or "")
    except ExpressionError:
        return False
    return any(function(each) == _BAND for each in calls(tree))

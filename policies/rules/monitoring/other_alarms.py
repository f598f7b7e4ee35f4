"""Alarms of any other name on expressions: they fire for faults, and not for a good day."""

from collections.abc import Iterator, Mapping

from policies.policy import stack_policy
from policies.rules.alarms.metrics import METRICS
from policies.rules.alarms.published import Kind
from policies.rules.alarms.queries import wrong_queries
from policies.rules.monitoring.alarms import expected_alarms
from policies.rules.monitoring.trial import Trial, label, trial_of
from policies.stack import resource_types
from policies.stack.metric_math import ExpressionError
from policies.stack.metric_values import UnsupportedError
from policies.stack.metrics import metrics_of
from policies.stack.resource_graph import Resource, ResourceGraph

_MANY = 1_000_000
_COUNTS = (1, 10, 1000, _MANY)
_COUNTED = frozenset({Kind.EVENT, Kind.AMOUNT})


@stack_policy(
    "monitoring-other-alarms",
    risk="A condition that is turned round hides the outage; a rate without a minimum count calls"
    " people for the only request of a night.",
    fix="Compare in the direction of the fault; let a rate count only from a few faults on, such as"
    " IF(errors >= 5, 100 * errors / calls, 0), or in two periods.",
    source="components/monitoring/README.md: Floors; CloudWatch User Guide: metric math",
)
def other_alarms(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """An alarm on counted faults fires if all fails, not if nothing does, nor for one of one."""
    expected = {each.alarm.urn for each in expected_alarms(graph)}
    for alarm in graph.of(resource_types.ALARM):
        if alarm.urn in expected or not alarm.read("metricQueries") or any(wrong_queries(alarm)):
            continue
        counted = _counted(alarm)
        if True not in counted.values() or None in counted.values():
            continue
        faults = [each for each, is_fault in counted.items() if is_fault]
        goods = [each for each, is_fault in counted.items() if not is_fault]
        try:
            for message in _wrong(trial_of(alarm), faults, goods):
                yield alarm, message
        except (ExpressionError, UnsupportedError):
            continue  # it reads several periods, such as an anomaly


def _counted(alarm: Resource) -> Mapping[str, bool | None]:
    """Label -> whether it counts faults; None for what is no count."""
    found: dict[str, bool | None] = {}
    for metric in metrics_of(alarm):
        published = METRICS.get((metric.namespace, metric.name))
        is_count = metric.statistic == "SampleCount" or (
            metric.statistic == "Sum" and published is not None and published.kind in _COUNTED
        )
        if published is None or not is_count:
            found[label(metric)] = None
        else:
            found[label(metric)] = not published.wanted and metric.statistic == "Sum"
    return found


def _wrong(trial: Trial, faults: list[str], goods: list[str]) -> Iterator[str]:
    def fires(fault: int, good: int | None) -> bool:
        values = dict.fromkeys(faults, float(fault))
        return trial.fires(values if good is None else {**values, **dict.fromkeys(goods, good)})

    if not any(fires(count, other) for count in _COUNTS for other in (None, count)):
        yield f"it does not fire, however many of {', '.join(faults)} there are"
        return
    if fires(0, _MANY) or trial.fires(dict.fromkeys(goods, _MANY)):
        yield f"it fires though there are none of {', '.join(faults)}"
    points = trial.alarm.read("datapointsToAlarm") or trial.alarm.read("evaluationPeriods")
    if points == 1 and goods and fires(1, 1) and not fires(1, _MANY):
        yield f"it fires for one of one, in one period: {', '.join(faults)} need a minimum count"

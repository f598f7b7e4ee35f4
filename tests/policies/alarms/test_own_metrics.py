"""The pack's list of our metrics is that of the handlers."""

from handlers.contract.errors import ErrorCode
from handlers.contract.metric_names import NAMESPACE, SECOND_DIMENSION, Dimension, MetricName, unit
from handlers.contract.statuses import ExecutionStatus
from policies.rules.alarms import own_metrics
from policies.rules.alarms.published import Kind

KINDS = {
    "Count": {Kind.AMOUNT},
    "None": {Kind.AMOUNT},
    "Percent": {Kind.PERCENT},
    "Milliseconds": {Kind.MILLISECONDS},
    "Seconds": {Kind.SECONDS},
}


def test_the_pack_knows_each_metric_that_a_handler_emits_and_no_other() -> None:
    assert set(own_metrics.OWN_METRICS) == {(NAMESPACE, each.value) for each in MetricName}


def test_each_metric_has_the_kind_of_its_unit() -> None:
    for metric in MetricName:
        assert own_metrics.OWN_METRICS[NAMESPACE, metric.value].kind in KINDS[unit(metric)], metric


def test_each_metric_has_the_dimensions_that_the_handlers_send() -> None:
    for metric in MetricName:
        base = frozenset({Dimension.ENVIRONMENT.value})
        second = SECOND_DIMENSION.get(metric)
        expected = {base, base | {second.value}} if second else {base}
        assert own_metrics.OWN_METRICS[NAMESPACE, metric.value].dimensions == expected


def test_the_values_of_a_second_dimension_are_those_that_the_handlers_send() -> None:
    final = {each.value for each in ExecutionStatus} - {ExecutionStatus.RUNNING.value}
    codes = {each.value for each in ErrorCode}
    assert {Dimension.STATUS.value: final, Dimension.ERROR_CODE.value: codes} == own_metrics.VALUES

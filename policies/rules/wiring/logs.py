"""Logs that carry metrics are of the class and the level that CloudWatch reads metrics from."""

from collections.abc import Iterator

from policies.policy import stack_policy
from policies.stack import resource_types
from policies.stack.resource_graph import Resource, ResourceGraph

_METRIC_FILTER = "aws:cloudwatch/logMetricFilter:LogMetricFilter"
_LEVELS = (None, "TRACE", "DEBUG", "INFO")
"""Log levels of Lambda at which a metric, which is logged without a level or at INFO, stays."""


@stack_policy(
    "wiring-logs-carry-metrics",
    risk="Alarms stay silent, because CloudWatch reads no embedded metrics from the log.",
    fix="Use log group class STANDARD for functions; log applications at INFO or below.",
    source="CloudWatch Logs User Guide: log classes; AWS Lambda Developer Guide: log levels",
)
def logs_carry_metrics(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Log groups of functions and of metric filters are STANDARD, and functions log INFO."""
    carrying = {each.read("logGroupName") for each in graph.of(_METRIC_FILTER)}
    for function in graph.of(resource_types.FUNCTION):
        given = function.read("loggingConfig", "logGroup")
        carrying.add(given if isinstance(given, str) else f"/aws/lambda/{function.read('name')}")
        level = function.given("loggingConfig", "applicationLogLevel")
        if level not in _LEVELS:
            yield function, f"its applicationLogLevel {level} drops the metrics in its log"
    for group in graph.of(resource_types.LOG_GROUP):
        class_ = group.given("logGroupClass")
        if class_ not in (None, "STANDARD") and group.read("name") in carrying:
            yield group, f"its class {class_} takes no embedded metrics and no metric filters"

"""Metrics, written to standard output in CloudWatch's embedded metric format.

Each is written at once, since a time-out kills the process during a call. Ids are written beside
the values, for searches in the log; they are no dimensions, because every value of a dimension is
one more metric to pay for.
"""

from collections.abc import Mapping

from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import (
    AmazonCloudWatchEMFProvider,
)

from handlers.contract.environment import MetricsVariables, read
from handlers.contract.errors import ErrorCode
from handlers.contract.metric_names import NAMESPACE, SECOND_DIMENSION, Dimension, MetricName, unit
from handlers.contract.statuses import ExecutionStatus


def count(
    metric: MetricName,
    amount: int = 1,
    *,
    by: ExecutionStatus | ErrorCode | None = None,
    **ids: str,
) -> None:
    """Add to a metric that counts.

    by: the value of the metric's second dimension, if it has one; ValueError otherwise.
    """
    if (by is not None) != (metric in SECOND_DIMENSION):
        raise ValueError(f"{metric}: by {SECOND_DIMENSION.get(metric, 'nothing')}, got {by}")
    dimensions = {SECOND_DIMENSION[metric].value: by.value} if by else {}
    _write({metric: amount}, dimensions, ids)


def measure(values: Mapping[MetricName, float], **ids: str) -> None:
    """Values of the same moment, each in the unit of its metric."""
    _write(values, {}, ids)


def _write(
    values: Mapping[MetricName, float], dimensions: Mapping[str, str], ids: Mapping[str, str]
) -> None:
    environment = {Dimension.ENVIRONMENT.value: read(MetricsVariables).ENVIRONMENT}
    line = AmazonCloudWatchEMFProvider(namespace=NAMESPACE, default_dimensions=environment)
    line.service = ""  # otherwise POWERTOOLS_SERVICE_NAME becomes a dimension
    if dimensions:
        line.add_dimensions(**dimensions)
    for name, value in ids.items():
        line.add_metadata(name, value)
    for metric, value in values.items():
        line.add_metric(metric.value, unit(metric), value)
    line.flush_metrics()

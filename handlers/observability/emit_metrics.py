"""What is measured is written at once: CloudWatch's embedded metric format on standard output.

At once, since a time-out kills the process in mid-call. Ids are written beside the values, to be
found in the log; they are no dimensions, each of whose values is a metric that costs money.
"""

import os
from collections.abc import Mapping

from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import (
    AmazonCloudWatchEMFProvider,
)

from handlers.contract.environment import Env
from handlers.contract.errors import ErrorCode
from handlers.contract.metric_names import BROKEN_DOWN, NAMESPACE, Dimension, Metric, unit
from handlers.contract.statuses import ExecutionStatus


def count(
    metric: Metric, amount: int = 1, *, by: ExecutionStatus | ErrorCode | None = None, **ids: str
) -> None:
    """So many more of what a metric counts.

    by: the value of the metric's second dimension, if it has one (ValueError if not so).
    """
    if (by is not None) != (metric in BROKEN_DOWN):
        raise ValueError(f"{metric}: by {BROKEN_DOWN.get(metric, 'nothing')}, got {by}")
    dimensions = {BROKEN_DOWN[metric].value: by.value} if by else {}
    _write({metric: amount}, dimensions, ids)


def measure(values: Mapping[Metric, float], **ids: str) -> None:
    """Values in the units of their metrics, all measured at the same time."""
    _write(values, {}, ids)


def _write(
    values: Mapping[Metric, float], dimensions: Mapping[str, str], ids: Mapping[str, str]
) -> None:
    environment = {Dimension.ENVIRONMENT.value: os.environ.get(Env.ENVIRONMENT, "unknown")}
    line = AmazonCloudWatchEMFProvider(namespace=NAMESPACE, default_dimensions=environment)
    line.service = ""  # else a variable of Powertools' made a dimension of it
    if dimensions:
        line.add_dimensions(**dimensions)
    for name, value in ids.items():
        line.add_metadata(name, value)
    for metric, value in values.items():
        line.add_metric(metric.value, unit(metric), value)
    line.flush_metrics()

"""Logs, metrics and traces, the same for every function (Powertools for AWS Lambda).

Users' texts never get here: no event is logged, no response is traced, and what is logged are
ids, counts and codes.
"""

import functools
import os
from collections.abc import Callable
from typing import Any, cast

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.metrics import MetricUnit, single_metric
from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import (
    AmazonCloudWatchEMFProvider,
)

from handlers.contract import Env
from handlers.manifest import FunctionSpec

NAMESPACE = "GoalMandala/Workflow"

Handler = Callable[[dict[str, Any], Any], Any]


class Telemetry:
    """Logger, metrics and tracer of one function; `observe` puts all three around its handler.

    logger: JSON lines on standard output.
    metrics: CloudWatch embedded metric format on standard output, by service and environment.
    """

    def __init__(self, function: FunctionSpec) -> None:
        self._dimensions = {
            "service": function.name,
            "environment": os.environ.get(Env.ENVIRONMENT, "unknown"),
        }
        self.logger = Logger(service=function.name, utc=True, use_rfc3339=True)
        self.tracer = Tracer(service=function.name, patch_modules=("botocore",))
        # Not Powertools' Metrics: its instances share one set, whatever function they are for.
        self.metrics = AmazonCloudWatchEMFProvider(
            namespace=NAMESPACE, default_dimensions=self._dimensions
        )

    def count(self, name: str, **dimensions: str) -> None:
        """One more of `name`, by dimensions of its own.

        Each value of a dimension is a metric that costs money: values from a fixed list, no ids.
        """
        with single_metric(
            name,
            unit=MetricUnit.Count,
            value=1,
            namespace=NAMESPACE,
            default_dimensions={**self._dimensions, **dimensions},
        ):
            pass

    def observe(self, *, correlation_id_path: str) -> Callable[[Handler], Handler]:
        """Decorate a handler: a trace segment, ids in every log line, metrics written at its end.

        correlation_id_path: where the event holds the id to find log lines by (JMESPath).
        """

        def decorate(handler: Handler) -> Handler:
            @functools.wraps(handler)
            def measured(event: dict[str, Any], context: Any) -> Any:
                try:
                    return handler(event, context)
                finally:
                    if self.metrics.metric_set:
                        self.metrics.flush_metrics()

            logged = self.logger.inject_lambda_context(
                measured,
                log_event=False,
                correlation_id_path=correlation_id_path,
                clear_state=True,
            )
            # An error's name and message are traced all the same; its attributes may quote texts.
            traced = self.tracer.capture_lambda_handler(
                logged, capture_response=False, capture_error=False
            )
            return cast(Handler, traced)

        return decorate

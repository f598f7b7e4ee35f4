"""Logs and traces, the same for every function (Powertools for AWS Lambda).

Users' texts never get here: no event is logged, no response is traced, and what is logged are
ids, counts and codes.
"""

from collections.abc import Callable
from typing import Any, cast

from aws_lambda_powertools import Logger, Tracer

from handlers.manifest import FunctionSpec

Handler = Callable[[dict[str, Any], Any], Any]


class Telemetry:
    """Logger and tracer of one function; `observe` puts both around its handler.

    logger: JSON lines on standard output.
    """

    def __init__(self, function: FunctionSpec) -> None:
        self.logger = Logger(service=function.name, utc=True, use_rfc3339=True)
        self.tracer = Tracer(service=function.name, patch_modules=("botocore",))

    def observe(self, *, correlation_id_path: str) -> Callable[[Handler], Handler]:
        """Decorate a handler: a trace segment, ids in every log line.

        correlation_id_path: where the event holds the id to find log lines by (JMESPath).
        """

        def decorate(handler: Handler) -> Handler:
            logged = self.logger.inject_lambda_context(
                handler,
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

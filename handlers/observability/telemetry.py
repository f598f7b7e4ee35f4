"""Logs and traces, the same for every function (Powertools for AWS Lambda).

Users' texts never get here: no event is logged, no response is traced, and what is logged are
ids, counts and codes.
"""

import functools
from collections.abc import Callable
from typing import Any, cast

from aws_lambda_powertools import Logger, Tracer

from handlers.contract.functions import FunctionSpec
from handlers.observability.segments import send_less

Handler = Callable[[dict[str, Any], Any], Any]


class Telemetry:
    """Logger and tracer of one function; `observe` puts both around its handler.

    logger: JSON lines on standard output.
    """

    def __init__(self, function: FunctionSpec) -> None:
        self.logger = Logger(service=function.name, utc=True, use_rfc3339=True)
        self.tracer = Tracer(service=function.name, patch_modules=("botocore",))
        self._recorder: Any = self.tracer.provider
        send_less(self._recorder)

    def identify(self, **ids: str) -> None:
        """Name what is worked on, in every log line from here on and in the trace."""
        self.logger.append_keys(**ids)
        for name, value in ids.items():
            self.tracer.put_annotation(name, value)

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
            # An error's type is traced all the same; its attributes may quote texts.
            traced = cast(
                Handler,
                self.tracer.capture_lambda_handler(
                    logged, capture_response=False, capture_error=False
                ),
            )

            @functools.wraps(handler)
            def observed(event: dict[str, Any], context: Any) -> Any:
                # X-Ray's SDK tells invocations apart by their trace alone, and all actions of an
                # execution have the same one: it would hang this one's calls under the last one's.
                self._recorder.clear_trace_entities()
                return traced(event, context)

            return observed

        return decorate

"""Logs and traces, the same for every function (Powertools for AWS Lambda).

They hold ids, counts and codes, never users' texts: no event is logged and no response is traced.
"""

import functools
from collections.abc import Callable
from typing import Any, cast

from aws_lambda_powertools import Logger, Tracer

from handlers.contract.functions import FunctionSpec
from handlers.observability.segments import leave_out_this_thread, reduce_segments

Handler = Callable[[dict[str, Any], Any], Any]


class Telemetry:
    """Logger and tracer of one function; `observe` puts both around its handler.

    logger: JSON lines on standard output.
    """

    def __init__(self, function: FunctionSpec) -> None:
        self.logger = Logger(service=function.name, utc=True, use_rfc3339=True)
        self.tracer = Tracer(service=function.name, patch_modules=("botocore",))
        self._recorder: Any = self.tracer.provider
        reduce_segments(self._recorder)

    def identify(self, **ids: str) -> None:
        """Add ids to the trace and to every later log line of this invocation."""
        self.logger.append_keys(**ids)
        for name, value in ids.items():
            self.tracer.put_annotation(name, value)

    def note_call(self, service: str, began: float) -> None:
        """Add to the trace a call that threads which are not traced have made since (epoch)."""
        with self._recorder.in_subsegment(service, namespace="aws") as subsegment:
            if subsegment:
                subsegment.start_time = began

    def leave_out_this_thread(self) -> None:
        """Trace nothing of what this thread calls: it may outlive the invocation."""
        leave_out_this_thread(self._recorder)

    def observe(self, *, correlation_id_path: str) -> Callable[[Handler], Handler]:
        """Decorate a handler: it gets a trace segment, and its log lines a correlation id.

        correlation_id_path: the id's place in the event (JMESPath).
        """

        def decorate(handler: Handler) -> Handler:
            logged = self.logger.inject_lambda_context(
                handler,
                log_event=False,
                correlation_id_path=correlation_id_path,
                clear_state=True,
            )
            # The trace still has an error's type; its attributes may quote texts.
            traced = cast(
                Handler,
                self.tracer.capture_lambda_handler(
                    logged, capture_response=False, capture_error=False
                ),
            )

            @functools.wraps(handler)
            def observed(event: dict[str, Any], context: Any) -> Any:
                # All actions of an execution have one trace. X-Ray's SDK takes two invocations of
                # one trace for one, and would put this one's calls under the last one's segment.
                self._recorder.clear_trace_entities()
                return traced(event, context)

            return observed

        return decorate

"""The segments that an invocation sends to X-Ray: which calls were made, what failed, no texts.

An execution of 64 actions is one trace, and X-Ray keeps 100 to 500 KB of a trace (AWS re:Post,
"This trace has reached its maximum allocated quota"). The calls to the table alone would exceed
that, so an invocation sends only the first call to a table and the failed ones.

An error is sent with its type and stack but without its message: Bedrock's messages, for example,
can quote the request.
"""

import os
from typing import Any

from aws_xray_sdk.core.lambda_launcher import LAMBDA_TRACE_HEADER_KEY
from aws_xray_sdk.core.models.dummy_entities import DummySegment
from aws_xray_sdk.core.models.trace_header import TraceHeader

_OFTEN_CALLED = ("dynamodb",)
_FAILED = ("error", "fault", "throttle")


def reduce_segments(recorder: Any) -> None:
    """Put a SegmentEmitter in front of the emitter of X-Ray's recorder."""
    if not isinstance(recorder.emitter, SegmentEmitter):
        recorder.emitter = SegmentEmitter(recorder.emitter)


def leave_out_this_thread(recorder: Any) -> None:
    """Record nothing of what the present thread calls from now on."""
    recorder.set_trace_entity(_LeftOut())


class _LeftOut(DummySegment):
    """A segment that is not sent, nor are those nested in it.

    X-Ray's SDK replaces a segment of another trace than the present invocation's, and logs that the
    nested one is missing. So this one is of whichever trace is present.
    """

    @property
    def trace_id(self) -> str | None:
        return TraceHeader.from_header_str(os.getenv(LAMBDA_TRACE_HEADER_KEY)).root

    @trace_id.setter
    def trace_id(self, _: str) -> None:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Ignore the one that the SDK draws."""


class SegmentEmitter:
    """Passes on to an emitter of X-Ray's SDK the segments that are to be sent."""

    def __init__(self, emitter: Any) -> None:
        self._emitter = emitter
        self._last_parent = ""
        self._sent: set[str] = set()

    def send_entity(self, entity: Any) -> None:
        """Send a segment and those nested in it."""
        if not self._is_repetition(entity):
            _remove_messages(entity)
            self._emitter.send_entity(entity)

    def set_daemon_address(self, address: str) -> None:
        """Set the daemon's address; the SDK calls this."""
        self._emitter.set_daemon_address(address)

    def _is_repetition(self, entity: Any) -> bool:
        if entity.name not in _OFTEN_CALLED or any(hasattr(entity, flag) for flag in _FAILED):
            return False
        if entity.parent_id != self._last_parent:
            self._last_parent = entity.parent_id
            self._sent.clear()
        called = str(getattr(entity, "aws", {}).get("table_name"))  # None for a transaction.
        is_repetition = called in self._sent
        self._sent.add(called)
        return is_repetition


def _remove_messages(entity: Any) -> None:
    cause: Any = entity.cause
    if not isinstance(cause, str):  # The id of an error that a nested segment holds.
        for error in cause.get("exceptions", []):
            error.message = None
    for subsegment in entity.subsegments:
        _remove_messages(subsegment)

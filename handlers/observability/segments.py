"""What a trace holds of an invocation: enough to see who called whom and what failed, and no texts.

An execution of 64 actions is one trace, and X-Ray keeps 100 to 500 KB of one (AWS re:Post, "This
trace has reached its maximum allocated quota"): every call to the table would come to more. So of
the calls to a table an invocation sends the first and those that failed.

Of an error its type is sent and where it was raised, never its message, which may quote texts:
Bedrock's, of a request that it refuses, do.
"""

from typing import Any

_OFTEN_CALLED = ("dynamodb",)
_FAILED = ("error", "fault", "throttle")


def send_less(recorder: Any) -> None:
    """Let X-Ray's recorder send no more than that, from here on."""
    if not isinstance(recorder.emitter, SegmentEmitter):
        recorder.emitter = SegmentEmitter(recorder.emitter)


class SegmentEmitter:
    """In front of an emitter of X-Ray's SDK: which segments it sends, and what of them."""

    def __init__(self, emitter: Any) -> None:
        self._emitter = emitter
        self._last_parent = ""
        self._sent: set[str] = set()

    def send_entity(self, entity: Any) -> None:
        """Send one, with all that is nested in it."""
        if not self._is_repetition(entity):
            _remove_messages(entity)
            self._emitter.send_entity(entity)

    def set_daemon_address(self, address: str) -> None:
        """Where the daemon listens; the SDK sets it."""
        self._emitter.set_daemon_address(address)

    def _is_repetition(self, entity: Any) -> bool:
        if entity.name not in _OFTEN_CALLED or any(hasattr(entity, flag) for flag in _FAILED):
            return False
        if entity.parent_id != self._last_parent:
            self._last_parent = entity.parent_id
            self._sent.clear()
        called = str(getattr(entity, "aws", {}).get("table_name"))  # none of a transaction's
        is_repetition = called in self._sent
        self._sent.add(called)
        return is_repetition


def _remove_messages(entity: Any) -> None:
    cause: Any = entity.cause
    if not isinstance(cause, str):  # the id of an error that was recorded further down
        for error in cause.get("exceptions", []):
            error.message = None
    for subsegment in entity.subsegments:
        _remove_messages(subsegment)

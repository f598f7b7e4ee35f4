"""The trace header: the trace, the calling segment, and whether the trace is sampled.

(X-Ray Developer Guide, "Tracing header": Root, Parent, Sampled; Lambda adds a Lineage.)
"""

import secrets
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class TraceHeader:
    """The parts of a trace header.

    parent: id of the calling segment; None at the root.
    """

    trace_id: str
    parent: str | None
    sampled: bool

    def __str__(self) -> str:
        parent = f"Parent={self.parent};" if self.parent else ""
        return f"Root={self.trace_id};{parent}Sampled={int(self.sampled)}"


def new_trace() -> TraceHeader:
    """A header that starts a trace; the emulator samples every trace."""
    return TraceHeader(f"1-{int(time.time()):08x}-{secrets.token_hex(12)}", None, True)


def new_segment_id() -> str:
    """64 random bits in hexadecimal, the form of X-Ray's ids."""
    return secrets.token_hex(8)


def parse(header: str | None) -> TraceHeader | None:
    """Read a header; None if it has no trace id."""
    parts = dict(part.split("=", 1) for part in (header or "").split(";") if "=" in part)
    if "Root" not in parts:
        return None
    return TraceHeader(parts["Root"], parts.get("Parent"), parts.get("Sampled") == "1")

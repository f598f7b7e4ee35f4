"""A log event as a line, and which lines are wanted: pure functions."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_ENDED_BADLY = ("Failed", "TimedOut", "Aborted", "Fault")
_SHOWN_ELSEWHERE = {"timestamp", "level", "message", "type", "location", "service", "xray_trace_id"}


@dataclass(frozen=True)
class LogLine:
    """at: ISO 8601, UTC. source: a function's name, `state-machine` or `api`.

    fields: what else the line holds, by name.
    """

    at: str
    source: str
    level: str
    message: str
    fields: dict[str, str]

    def __str__(self) -> str:
        fields = " ".join(f"{name}={value}" for name, value in self.fields.items())
        return f"{self.at} {self.source} {self.level} {self.message} {fields}".rstrip()


def read_line(source: str, timestamp_ms: int, text: str) -> LogLine:
    """A line of a function (JSON, or Lambda's own text), of the machine or of the API."""
    at = datetime.fromtimestamp(timestamp_ms / 1000, UTC).isoformat(timespec="milliseconds")
    try:
        parsed: Any = json.loads(text)
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict):
        return LogLine(at, source, _level_of_text(text), text.strip(), {})
    held = cast("dict[str, Any]", parsed)
    message = str(held.get("message") or held.get("type") or held.get("routeKey") or "")
    fields = {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name, value in held.items()
        if name not in _SHOWN_ELSEWHERE and value is not None
    }
    return LogLine(at, source, _level_of(held), message, fields)


def is_wanted(line: LogLine, *, level: str | None, execution_id: str | None) -> bool:
    """Whether a line is of that level or a graver one, and of that execution.

    AWS filters by words; this decides, since a word may stand anywhere in a line.
    """
    if level is not None and LEVELS.index(line.level) < LEVELS.index(level):
        return False
    if execution_id is None:
        return True
    return any(execution_id in value for value in (line.message, *line.fields.values()))


def pattern(source: str, *, level: str | None, execution_id: str | None) -> str:
    """The filter pattern that leaves as little as possible to be sent: terms, no JSON pattern.

    A pattern has either terms that all must occur or terms of which one must; the id is rarer.
    """
    if execution_id is not None:
        return f'"{execution_id}"'
    if level in (None, "DEBUG", "INFO") or source in ("state-machine", "api"):
        return ""
    wanted = LEVELS[LEVELS.index(level) :]
    # Lambda's own lines of a crash or time-out carry no level
    return " ".join(f"?{word}" for word in (*wanted, '"Task timed out"', '"Runtime exited"'))


def _level_of(held: dict[str, Any]) -> str:
    level = str(held.get("level", "")).upper()
    if level in LEVELS:
        return level
    if str(held.get("type", "")).endswith(_ENDED_BADLY):
        return "ERROR"
    return "ERROR" if str(held.get("status", ""))[:1] == "5" else "INFO"


def _level_of_text(text: str) -> str:
    is_bad = "[ERROR]" in text or "Task timed out" in text or "Runtime exited" in text
    return "ERROR" if is_bad else "INFO"

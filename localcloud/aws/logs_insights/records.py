"""A log line and the fields that Logs Insights discovers in it.

They are system fields, the fields of Lambda's own lines, and the fields of a JSON line, with dotted
names for nested ones (CloudWatch Logs User Guide, "Supported logs and discovered fields").
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from localcloud.aws.logs_insights.values import Row, Timestamp, Value

_MOST_FIELDS = 200
"""Most fields that Insights extracts from a JSON line."""

_LAMBDA_LINE = re.compile(r"(START|END|REPORT) RequestId: (\S+)")
_LAMBDA_NUMBERS = {
    "@duration": (r"\tDuration: ([\d.]+) ms", 1),
    "@billedDuration": (r"\tBilled Duration: ([\d.]+) ms", 1),
    "@initDuration": (r"\tInit Duration: ([\d.]+) ms", 1),
    "@memorySize": (r"\tMemory Size: (\d+) MB", 1_000_000),
    "@maxMemoryUsed": (r"\tMax Memory Used: (\d+) MB", 1_000_000),
}


@dataclass(frozen=True)
class LogLine:
    """One event of a log group.

    at: milliseconds since the epoch.
    log: account and log group, such as `123456789012:/aws/lambda/f`.
    """

    at: int
    message: str
    log: str
    stream: str = ""


def fields_of(line: LogLine) -> Row:
    """The fields of a line by their names."""
    row: Row = {
        "@timestamp": Timestamp(line.at),
        "@message": line.message,
        "@log": line.log,
        "@logStream": line.stream,
    }
    row.update(_of_lambda(line.message))
    if line.message.lstrip().startswith("{"):
        try:
            document = json.loads(line.message)
        except ValueError:
            return row
        for number, (name, value) in enumerate(_flat(document, "")):
            if number == _MOST_FIELDS:
                break
            row[name] = value
    return row


def _of_lambda(message: str) -> Row:
    found = _LAMBDA_LINE.match(message)
    if not found:
        return {}
    row: Row = {"@type": found[1], "@requestId": found[2]}
    for name, (pattern, factor) in _LAMBDA_NUMBERS.items():
        if measured := re.search(pattern, message):
            row[name] = float(measured[1]) * factor
    return row


def _flat(value: Any, name: str) -> Iterator[tuple[str, Value]]:
    if isinstance(value, dict):
        children = list(cast("dict[str, Any]", value).items())
    elif isinstance(value, list):
        children = [(str(index), each) for index, each in enumerate(cast("list[Any]", value))]
    else:
        yield name, _plain(value)
        return
    for child, inner in children:
        yield from _flat(inner, f"{name}.{child}" if name else child)


def _plain(value: Any) -> Value:
    match value:
        case None:
            return None
        case bool():
            return float(value)
        case int() | float():
            return float(value)
        case _:
            return str(value)

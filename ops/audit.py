"""The audit line of a command that changes something: who, what, when."""

import json
import sys
from datetime import UTC, datetime

from declared.program import ROOT
from ops.stack import Stack

FOLDER = ROOT / ".ops"
"""Ignored by Git. CloudTrail keeps the calls themselves; this keeps why they were made."""


def record(stack: Stack, what: str, reason: str) -> str:
    """Append a line to the stack's audit file and show it on stderr; returns it."""
    who = stack.client("sts").get_caller_identity()["Arn"]
    when = datetime.now(UTC).isoformat(timespec="seconds")
    line = json.dumps(
        {"when": when, "who": who, "what": what, "reason": reason}, ensure_ascii=False
    )
    FOLDER.mkdir(exist_ok=True)
    with (FOLDER / f"audit-{stack.names.environment}.jsonl").open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")
    print(f"audit: {line}", file=sys.stderr)
    return line

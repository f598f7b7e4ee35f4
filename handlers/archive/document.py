"""An archived execution: its items as lines of DynamoDB JSON, compressed with gzip.

That is the form in which DynamoDB itself exports tables to S3 and imports them (Amazon DynamoDB
Developer Guide: table export output format): an object needs no code of ours to be read.
"""

import gzip
import json
from collections.abc import Sequence
from typing import Any

from handlers.contract.archive import ARCHIVED_ATTRIBUTE

WireItem = dict[str, Any]
"""Attributes by name in DynamoDB's wire form, such as `{"pk": {"S": "..."}}`."""


def written(items: Sequence[WireItem]) -> bytes:
    """The object of an execution's items; the same items give the same bytes."""
    kept = [{name: each[name] for name in each if name != ARCHIVED_ATTRIBUTE} for each in items]
    lines = [
        json.dumps({"Item": item}, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        for item in kept
    ]
    return gzip.compress("".join(f"{line}\n" for line in lines).encode(), mtime=0)


def items_in(document: bytes) -> list[WireItem]:
    """The items of an object. Raises ValueError, LookupError, TypeError, OSError, EOFError
    or zlib.error if it is no such object."""
    return [json.loads(line)["Item"] for line in gzip.decompress(document).decode().splitlines()]

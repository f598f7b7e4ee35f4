"""An object of the archive as record and work items; what is damaged is named by its field."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from handlers.archive.document import items_in
from handlers.contract.table_keys import ACTION_SK_PREFIX, EXECUTION_SK
from handlers.storage.execution_records import ExecutionRecord, execution_record
from handlers.storage.items import Item, deserialised
from handlers.storage.models import WorkItem
from handlers.storage.work_item_format import work_item

_T = TypeVar("_T")

_UNREADABLE = (
    ArithmeticError,  # decimal's, of a number that is none
    AttributeError,
    EOFError,  # gzip's, of an object that was cut off
    LookupError,
    OSError,  # gzip's, of an object that is no gzip
    TypeError,
    ValueError,
    zlib.error,
)


class DamagedError(Exception):
    """The object is not what workflow-archive wrote; the message names the item and the field."""


@dataclass(frozen=True)
class Archived:
    """An execution as it was archived."""

    record: ExecutionRecord
    actions: list[WorkItem]


class _Fields(Item):
    """An item that keeps which of its fields was read last: the one at fault if reading fails."""

    last = ""

    def __getitem__(self, name: str) -> Any:
        self.last = name
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self.last = name
        return super().get(name, default)


def read_object(document: bytes) -> Archived:
    """Record and work items of an archived execution. Raises DamagedError."""
    try:
        items = [_Fields(deserialised(each)) for each in items_in(document)]
        by_key = {str(each["sk"]): each for each in items}
    except _UNREADABLE as error:
        raise DamagedError(f"it is no lines of items ({type(error).__name__})") from error
    if EXECUTION_SK not in by_key:
        raise DamagedError(f"it has no item {EXECUTION_SK}")
    record = _whole(execution_record, EXECUTION_SK, by_key[EXECUTION_SK])
    actions = [
        _whole(work_item, key, item)
        for key, item in by_key.items()
        if key.startswith(ACTION_SK_PREFIX)
    ]
    return Archived(record, actions)


def _whole(read: Callable[[Item], _T], key: str, item: _Fields) -> _T:
    try:
        return read(item)
    except _UNREADABLE as error:
        state = "is not usable" if item.last in item else "is missing"
        raise DamagedError(f"item {key}: field {item.last} {state}") from error

"""The live table against saved items: compared, and compared again after the copy back."""

import time
from collections.abc import Callable, Mapping
from functools import cache
from uuid import UUID

from ops.backups.copy_back import Copied, copy_back
from ops.backups.difference import Difference, compare
from ops.backups.items import Item, Key, read_table
from ops.executions.reading import machine_execution
from ops.stack import Stack


def difference_of(stack: Stack, saved: Mapping[Key, Item]) -> Difference:
    """What differs now."""
    return _against(stack, saved)[1]


def restore_items(stack: Stack, saved: Mapping[Key, Item]) -> tuple[Copied, Difference]:
    """Copy back what is missing or damaged; what was written, and what differs then, read anew."""
    live, found = _against(stack, saved)
    copied = copy_back(stack, saved, live, found)
    return copied, difference_of(stack, saved)


def _against(stack: Stack, saved: Mapping[Key, Item]) -> tuple[dict[Key, Item], Difference]:
    live = read_table(stack.client("dynamodb"), stack.names.table)
    found = compare(saved, live, is_running=_is_running(stack), now=time.time())
    return live, found


def _is_running(stack: Stack) -> Callable[[str], bool]:
    prefix = stack.names.execution_arns.removesuffix("*")

    @cache
    def is_running(execution_id: str) -> bool:
        try:
            UUID(execution_id)
        except ValueError:
            return False  # no execution has such a name
        found = machine_execution(stack, f"{prefix}{execution_id}")
        return found is not None and found["status"] == "RUNNING"

    return is_running

"""The live table against saved items: compared, and compared again after the copy back."""

import time
from collections.abc import Mapping

from ops.backups.copy_back import Copied, copy_back
from ops.backups.difference import Difference, compare
from ops.backups.items import Item, Key, read_table
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
    found = compare(saved, live, running=_running(stack), now=time.time())
    return live, found


def _running(stack: Stack) -> set[str]:
    """Ids of the executions that run: one list, since asking for each would be throttled."""
    pages = stack.client("stepfunctions").get_paginator("list_executions")
    asked = pages.paginate(stateMachineArn=stack.names.state_machine_arn, statusFilter="RUNNING")
    return {each["name"] for page in asked for each in page["executions"]}

"""Errors of storage. The state machine's Retry and Catch name them by their class names."""

from typing import Any


class TableUnavailableError(Exception):
    """DynamoDB throttled, failed or did not answer, also at botocore's retries: retry later."""


class DatabaseUnavailableError(Exception):
    """PostgreSQL did not answer, was too busy or aborted the transaction: retry later."""


class FencedError(Exception):
    """The item or its execution has ended: stop and change nothing. Never retried."""


class MissingItemError(LookupError):
    """The execution has no such action. Never retried."""

    def __init__(self, execution_id: str, action_id: str) -> None:
        super().__init__(f"execution {execution_id} has no action {action_id}")


class ItemsAddedError(Exception):
    """Work items came after an end was decided without them: decide it again.

    count: how many the execution's record counts now.
    """

    def __init__(self, count: int) -> None:
        super().__init__(f"the execution has {count} work items by now")
        self.count = count


class ConditionFailedError(Exception):
    """The item is not in the state that a write requires: nothing was written.

    item: the item as it is, if the write asked for it and there is one.
    """

    def __init__(self, code: str, item: dict[str, Any] | None = None) -> None:
        super().__init__(code)
        self.item = item

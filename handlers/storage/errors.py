"""How storage fails. The class names are what the state machine's Retry and Catch go by."""


class TableUnavailableError(Exception):
    """DynamoDB throttled, failed or did not answer, after boto's own few retries: retry later."""


class DatabaseUnavailableError(Exception):
    """PostgreSQL did not answer, was too busy or gave the transaction up: retry later."""


class FencedError(Exception):
    """The item or its execution has ended: stop and change nothing. Permanent, never retried."""


class ConditionFailedError(Exception):
    """The item is not in the state that a write requires: nothing was written."""

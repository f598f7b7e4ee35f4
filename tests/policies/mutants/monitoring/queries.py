"""Mutants for `policies.rules.monitoring.saved_queries`."""

from collections.abc import Sequence

from policies.stack import resource_types
from tests.policies.mutate import (
    Change,
    Mutant,
    declare,
    edit_input,
    set_input,
    unchanged,
    without,
)

ANSWER = "monitoring-queries-answer"
ERRORS, TIME = "observability-error-rate", "observability-execution-time"
SLOWEST, STORY = "observability-slowest-actions", "observability-execution-story"
_START = "/aws/lambda/goal-mandala-prod-workflow-start"


def text(name: str, old: str, new: str) -> Change:
    """Replace a part of a saved query, which has to be there."""

    def edited(given: str) -> str:
        assert old in given, given
        return given.replace(old, new)

    return edit_input(name, "queryString", edited)


def query(text_: str, groups: Sequence[str] = (_START,)) -> Change:
    """One saved query more."""
    inputs = {"name": "goal-mandala-prod/more", "queryString": text_, "logGroupNames": [*groups]}
    return declare(resource_types.QUERY_DEFINITION, "more", inputs, after=(ERRORS,))


_MUTANTS = (
    ("a direction that does not exist", text(ERRORS, "desc", "descending")),
    ("a bracket too few", text(ERRORS, "bin(5m)", "bin(5m")),
    ("a function that does not exist", text(ERRORS, "count_distinct", "count_different")),
    ("a command that does not exist", text(TIME, "filter type", "where type")),
    ("a limit in words", text(SLOWEST, "limit 20", "limit twenty")),
    ("a field that no handler logs", text(SLOWEST, "durationMs", "duration")),
    ("the guide's field that no line has", text(TIME, "execution_arn", "executionArn")),
    ("a message that nothing writes", text(SLOWEST, "tasks kept", "tasks saved")),
    ("an event that Step Functions does not have", text(TIME, "ExecutionAborted", "ExecutionEnd")),
    ("a column that stats does not leave", text(ERRORS, "sort errorPercent", "sort isError")),
    ("a function's log less", edit_input(ERRORS, "logGroupNames", lambda old: old[1:])),
    ("the machine's log less", edit_input(STORY, "logGroupNames", lambda old: old[1:])),
    (
        "the log of another function",
        set_input(SLOWEST, "logGroupNames", [_START]),
    ),
    (
        "another query under its name",
        set_input(SLOWEST, "queryString", 'filter message = "tasks kept" | stats count(*)'),
    ),
    ("no query on the time of executions", without(TIME)),
    ("one more, on a field that nothing logs", query("fields goal | limit 5")),
)
_NEAR_MISSES = (
    ("the program as it is", unchanged),
    ("the latest lines", query("fields @timestamp, @message | sort @timestamp desc | limit 20")),
    ("errors by text", query("filter @message like /ERROR/ | stats count(*) as n by bin(1h)")),
    (
        "what a line is parsed into",
        query('filter level = "ERROR" | parse reason "* of *" as what, of | stats count(*) by of'),
    ),
    ("a longer list", text(SLOWEST, "limit 20", "limit 100")),
    ("one column more", text(SLOWEST, "durationMs, ", "durationMs, coerced, ")),
)

MUTANTS = (
    *(Mutant(ANSWER, what, change) for what, change in _MUTANTS),
    *(Mutant(ANSWER, what, change, near_miss=True) for what, change in _NEAR_MISSES),
)

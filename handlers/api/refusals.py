"""The API's answers to the errors of starting, retrying and cancelling an execution."""

from collections.abc import Callable, Mapping
from typing import Any

from handlers.api import errors
from handlers.api.errors import ApiError, InvalidField
from handlers.executions.errors import (
    AlreadyRunningError,
    ExecutionEndedError,
    ExecutionFinishingError,
    ExecutionNotFoundError,
    GoalNotFoundError,
    NoActionsError,
    NothingToRetryError,
)

_GOAL_ALLOWED = "アクションが 1 つ以上ある目標"

REFUSALS: Mapping[type[Exception], Callable[[Any], ApiError]] = {
    GoalNotFoundError: lambda _: errors.goal_not_found(),
    ExecutionNotFoundError: lambda _: errors.execution_not_found(),
    NoActionsError: lambda error: errors.invalid(
        [InvalidField("goalId", error.goal_id, _GOAL_ALLOWED)]
    ),
    NothingToRetryError: lambda _: errors.nothing_failed(),
    AlreadyRunningError: lambda error: errors.already_running(error.execution_id),
    ExecutionEndedError: lambda _: errors.already_ended(),
    ExecutionFinishingError: lambda _: errors.finishing(),
}
"""The answer to each error; each takes the error."""

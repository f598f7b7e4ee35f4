"""Why an execution cannot be started, retried, cancelled or prepared."""


class GoalNotFoundError(Exception):
    """The goal does not exist or belongs to another user; the caller does not learn which."""


class ExecutionNotFoundError(Exception):
    """The execution does not exist or belongs to another user; the caller does not learn which."""


class NoActionsError(Exception):
    """The goal `goal_id` has no actions."""

    def __init__(self, goal_id: str) -> None:
        super().__init__(f"goal {goal_id} has no actions")
        self.goal_id = goal_id


class NothingToRetryError(Exception):
    """No action of the execution failed, or the goal has none of the failed ones any more."""


class NothingToDoError(Exception):
    """The goal has none of the actions any more: it or they were deleted after the start."""


class AlreadyRunningError(Exception):
    """The goal has a running execution, `execution_id`."""

    def __init__(self, execution_id: str) -> None:
        super().__init__(f"execution {execution_id} is running")
        self.execution_id = execution_id


class StartPendingError(Exception):
    """Another request with the same key is undoing the start, or the execution is ending: repeat
    the request later.
    """


class ExecutionEndedError(Exception):
    """The execution has ended: there is nothing to cancel."""


class ExecutionFinishingError(Exception):
    """Saving has begun: the execution ends within seconds, with what it saved."""

"""Statuses of executions, actions and goals, and the phases of a goal's lock."""

from enum import StrEnum


class ExecutionStatus(StrEnum):
    """Status of an execution: Step Functions' own, and PARTIALLY_SUCCEEDED."""

    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    PARTIALLY_SUCCEEDED = "PARTIALLY_SUCCEEDED"
    FAILED = "FAILED"
    TIMED_OUT = "TIMED_OUT"
    ABORTED = "ABORTED"


class ActionStatus(StrEnum):
    """Status of one action's work item. FAILED and SAVED are final, GENERATED is not."""

    PENDING = "PENDING"
    GENERATING = "GENERATING"
    GENERATED = "GENERATED"
    SAVED = "SAVED"
    FAILED = "FAILED"


OPEN_ACTION_STATUSES = (ActionStatus.PENDING, ActionStatus.GENERATING)


class GoalState(StrEnum):
    """A goal's workflow state in `goal_workflows`; the product's own "GoalStatus" is another."""

    DRAFT = "DRAFT"
    PROCESSING = "PROCESSING"
    ACTIVE = "ACTIVE"
    PARTIAL = "PARTIAL"
    FAILED = "FAILED"


class Phase(StrEnum):
    """Phase of the execution that holds a goal's lock; every save checks it.

    GENERATING -> SAVING -> ENDING -> (released), or GENERATING -> CANCELLED -> (released).
    """

    GENERATING = "GENERATING"
    SAVING = "SAVING"
    ENDING = "ENDING"
    CANCELLED = "CANCELLED"

"""Statuses of executions, actions and goals, and the phases of a goal's lock."""

from enum import StrEnum


class ExecutionStatus(StrEnum):
    """Status of an execution: the record's, the API's and (but for one) Step Functions' own."""

    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    PARTIALLY_SUCCEEDED = "PARTIALLY_SUCCEEDED"
    FAILED = "FAILED"
    TIMED_OUT = "TIMED_OUT"
    ABORTED = "ABORTED"


class ActionStatus(StrEnum):
    """Status of one action's work item. GENERATED may yet be SAVED; FAILED and SAVED are final."""

    PENDING = "PENDING"
    GENERATING = "GENERATING"
    GENERATED = "GENERATED"
    SAVED = "SAVED"
    FAILED = "FAILED"


OPEN_ACTION_STATUSES = (ActionStatus.PENDING, ActionStatus.GENERATING)


class GoalState(StrEnum):
    """A goal's workflow state in `goal_workflows`, apart from the product's own "GoalStatus"."""

    DRAFT = "DRAFT"
    PROCESSING = "PROCESSING"
    ACTIVE = "ACTIVE"
    PARTIAL = "PARTIAL"
    FAILED = "FAILED"


class Phase(StrEnum):
    """Phase of the execution that holds a goal's lock: the fence that every save checks.

    GENERATING -> SAVING -> ENDING -> (released), or GENERATING -> CANCELLED -> (released).
    """

    GENERATING = "GENERATING"
    SAVING = "SAVING"
    ENDING = "ENDING"
    CANCELLED = "CANCELLED"

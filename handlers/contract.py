"""The values that functions, infrastructure and operators' tools must agree on."""

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


class ErrorCode(StrEnum):
    """Why an action or an execution failed, as the table, the API and the metrics name it."""

    MODEL_THROTTLED = "MODEL_THROTTLED"
    MODEL_UNAVAILABLE = "MODEL_UNAVAILABLE"
    MODEL_REJECTED = "MODEL_REJECTED"
    CONTENT_FILTERED = "CONTENT_FILTERED"
    INVALID_ANSWER = "INVALID_ANSWER"
    DEADLINE = "DEADLINE"
    FUNCTION_FAILED = "FUNCTION_FAILED"
    ACTION_NOT_FOUND = "ACTION_NOT_FOUND"
    SAVE_FAILED = "SAVE_FAILED"
    RUN_TIMED_OUT = "RUN_TIMED_OUT"
    RUN_ABORTED = "RUN_ABORTED"
    RUN_FAILED = "RUN_FAILED"
    START_FAILED = "START_FAILED"
    CANCELLED = "CANCELLED"


# The class names of task-generation's errors: the state machine's Retry and Catch go by them.
ERROR_CODE_BY_ERROR_NAME: dict[str, ErrorCode] = {
    "ModelThrottledError": ErrorCode.MODEL_THROTTLED,
    "ModelUnavailableError": ErrorCode.MODEL_UNAVAILABLE,
    "ModelRejectedError": ErrorCode.MODEL_REJECTED,
    "ContentFilteredError": ErrorCode.CONTENT_FILTERED,
    "InvalidAnswerError": ErrorCode.INVALID_ANSWER,
    "DeadlineError": ErrorCode.DEADLINE,
}
"""Any other error name (a time-out, a crash, Lambda's own) is FUNCTION_FAILED."""

THROTTLED_ERRORS = ("ModelThrottledError", "Lambda.TooManyRequestsException")
TRANSIENT_ERRORS = (
    "ModelUnavailableError",
    "DatabaseUnavailableError",
    "TableUnavailableError",
    "States.Timeout",
    "Sandbox.Timedout",
    "Runtime.ExitError",  # the process died in mid-call
    "Lambda.Unknown",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
)

DEADLINE_MARGIN_SECONDS = 60
"""A model call is launched only if it can still end this long before the execution's deadline."""

START_GRACE_SECONDS = 60
"""A lock older than this without an execution was left by a start that died."""

# DynamoDB: one table, pk = execution id.
EXECUTION_SK = "execution"
ACTION_SK_PREFIX = "action#"
TASKS_SK_PREFIX = "tasks#"
GOAL_INDEX = "goalId-index"
USER_INDEX = "userId-index"
MONTH_INDEX = "month-index"
"""HASH `month` (UTC, as 2026-11), RANGE pk: all executions, in buckets that stay small."""
TTL_ATTRIBUTE = "ttl"


class Env(StrEnum):
    """Names of the environment variables that the functions read. None holds a secret."""

    ENVIRONMENT = "ENVIRONMENT"
    TABLE_NAME = "TABLE_NAME"
    TTL_DAYS = "TTL_DAYS"
    STATE_MACHINE_ARN = "STATE_MACHINE_ARN"
    NOTIFICATIONS_TOPIC_ARN = "NOTIFICATIONS_TOPIC_ARN"
    DATABASE_URL_SECRET_ARN = "DATABASE_URL_SECRET_ARN"  # noqa: S105 - the ARN, not the secret
    JWT_SECRET_ARN = "JWT_SECRET_ARN"  # noqa: S105 - the ARN, not the secret
    SLACK_WEBHOOK_SECRET_ARN = "SLACK_WEBHOOK_SECRET_ARN"  # noqa: S105 - the ARN, not the secret
    TRACED_PERCENT = "TRACED_PERCENT"
    WORKFLOW_TIMEOUT_SECONDS = "WORKFLOW_TIMEOUT_SECONDS"
    BATCH_SIZE = "BATCH_SIZE"
    BEDROCK_MODEL = "BEDROCK_MODEL"
    MODEL_CALL_TIMEOUT_SECONDS = "MODEL_CALL_TIMEOUT_SECONDS"
    SLACK_QUEUE_URL = "SLACK_QUEUE_URL"
    SLACK_DEAD_LETTERS_URL = "SLACK_DEAD_LETTERS_URL"
    SLACK_LANGUAGE = "SLACK_LANGUAGE"
    SLACK_ESCALATE_PERCENT = "SLACK_ESCALATE_PERCENT"
    SLACK_MENTION = "SLACK_MENTION"
    RUNBOOK_URL = "RUNBOOK_URL"
    DASHBOARD_URL = "DASHBOARD_URL"
    LOG_GROUPS = "LOG_GROUPS"

"""Error codes, and the error names by which the state machine retries."""

from enum import StrEnum


class ErrorCode(StrEnum):
    """Why an action or an execution failed, as the table, the API and the metrics name it."""

    MODEL_THROTTLED = "MODEL_THROTTLED"
    MODEL_QUOTA_USED_UP = "MODEL_QUOTA_USED_UP"
    MODEL_UNAVAILABLE = "MODEL_UNAVAILABLE"
    MODEL_REJECTED = "MODEL_REJECTED"
    CONTENT_FILTERED = "CONTENT_FILTERED"
    INVALID_ANSWER = "INVALID_ANSWER"
    DEADLINE = "DEADLINE"
    NO_TURN = "NO_TURN"
    FUNCTION_FAILED = "FUNCTION_FAILED"
    ACTION_NOT_FOUND = "ACTION_NOT_FOUND"
    SAVE_FAILED = "SAVE_FAILED"
    EXECUTION_TIMED_OUT = "EXECUTION_TIMED_OUT"
    EXECUTION_ABORTED = "EXECUTION_ABORTED"
    EXECUTION_FAILED = "EXECUTION_FAILED"
    START_FAILED = "START_FAILED"
    CANCELLED = "CANCELLED"

    @classmethod
    def _missing_(cls, value: object) -> "ErrorCode | None":
        return _DEPRECATED.get(value) if isinstance(value, str) else None


_DEPRECATED: dict[str, ErrorCode] = {
    "RUN_TIMED_OUT": ErrorCode.EXECUTION_TIMED_OUT,
    "RUN_ABORTED": ErrorCode.EXECUTION_ABORTED,
    "RUN_FAILED": ErrorCode.EXECUTION_FAILED,
}
"""Earlier names of codes, which items and notifications of the version before still hold."""


def current_code(code: str) -> str:
    """The code by its present name; a code that this version does not know stays as it is."""
    try:
        return ErrorCode(code).value
    except ValueError:
        return code


# The class names of task-generation's errors, by which the state machine's Retry and Catch match.
ERROR_CODE_BY_ERROR_NAME: dict[str, ErrorCode] = {
    "ModelThrottledError": ErrorCode.MODEL_THROTTLED,
    "ModelQuotaError": ErrorCode.MODEL_QUOTA_USED_UP,
    "ModelUnavailableError": ErrorCode.MODEL_UNAVAILABLE,
    "ModelRejectedError": ErrorCode.MODEL_REJECTED,
    "ContentFilteredError": ErrorCode.CONTENT_FILTERED,
    "InvalidAnswerError": ErrorCode.INVALID_ANSWER,
    "DeadlineError": ErrorCode.DEADLINE,
}
"""The code of any other error name (a time-out, a crash, Lambda's own) is FUNCTION_FAILED."""

NO_TURN_ERROR = "NoTurnError"
"""The class name of workflow-prepare's error for an execution whose turn would come too late."""

# What Lambda's Invoke answers that passes on its own (a test holds all its errors against these).
_INVOKE_TRANSIENT = (
    "ServiceException",
    "ResourceConflictException",  # another operation is in progress
    "ResourceNotReadyException",  # the function was inactive
    "EC2ThrottledException",
    "EC2UnexpectedException",
    "ENINotReadyException",
    "CodeArtifactUserDeletedException",  # Lambda makes a new one
    "CodeArtifactUserPendingException",
    "SnapStartNotReadyException",
    "SnapStartRegenerationFailureException",  # Lambda tries again
    "SnapStartTimeoutException",
    "EFSMountConnectivityException",
    "EFSMountTimeoutException",
    "S3FilesMountConnectivityException",
    "S3FilesMountTimeoutException",
)

THROTTLED_ERRORS = ("ModelThrottledError", "Lambda.TooManyRequestsException")
TRANSIENT_ERRORS = (
    "ModelUnavailableError",
    "DatabaseUnavailableError",
    "TableUnavailableError",
    "States.Timeout",
    "Sandbox.Timedout",
    "Runtime.ExitError",  # The process died during a call.
    "Lambda.Unknown",
    # of Step Functions' own call (its Developer Guide: handle transient Lambda service exceptions)
    "Lambda.AWSLambdaException",
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.SdkClientException",
    *(f"Lambda.{name}" for name in _INVOKE_TRANSIENT),
)

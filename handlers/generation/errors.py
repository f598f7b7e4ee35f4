"""The errors of a model call and its answer, and whether another attempt can help.

Bedrock's code alone does not decide that: a used-up daily quota has the code of throttling, and a
tool call that Nova could not form has the code of a model error. So the message is read too. The
class names are the contract with the state machine's Retry and Catch. The two maps hold every error
and stop reason that botocore's model of Converse lists (a test compares them). Sources:
[1] docs.aws.amazon.com/bedrock/latest/userguide/troubleshooting-api-error-codes.html
[2] docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html, and the same text
    in botocore's service model
[3] docs.aws.amazon.com/nova/latest/userguide/prompting-tool-troubleshooting.html
[4] messages of Bedrock that users quote: minorun365/agent-book#29, Doriandarko/claude-engineer#104
[5] langchain-ai/langchain-aws#567
"""

import re
from collections.abc import Sequence
from enum import StrEnum
from http import HTTPStatus
from typing import ClassVar

from handlers.contract.errors import ERROR_CODE_BY_ERROR_NAME, ErrorCode


class RetryVerdict(StrEnum):
    """Whether the state machine retries: after a long pause, after a short one, or not at all."""

    THROTTLED = "THROTTLED"
    RETRY = "RETRY"
    PERMANENT = "PERMANENT"


class GenerationError(Exception):
    """The action has no tasks. The message is logged and kept in the table, so it holds codes,
    numbers and field names, no text of a user's or the model's."""

    verdict: ClassVar[RetryVerdict] = RetryVerdict.PERMANENT

    @property
    def code(self) -> ErrorCode:
        """The error code in the table, the API and the metrics."""
        return ERROR_CODE_BY_ERROR_NAME[type(self).__name__]


class ModelThrottledError(GenerationError):
    """Bedrock's quota per minute is used up."""

    verdict = RetryVerdict.THROTTLED


class ModelQuotaError(GenerationError):
    """Bedrock's daily quota is used up, and will be until the execution has ended."""


class ModelUnavailableError(GenerationError):
    """The call failed for a transient reason: an internal error, a time-out, the network."""

    verdict = RetryVerdict.RETRY


class ModelRejectedError(GenerationError):
    """Bedrock refuses this request for good: permissions, model id, parameters."""


class ContentFilteredError(GenerationError):
    """A content filter or guardrail stopped the answer, and would stop it again."""


class InvalidAnswerError(GenerationError):
    """The answer breaks the rules, or the model could not form one. Decoding is greedy, so the
    same request brings it again: what can help is the repair turn that shows the model `problems`,
    and it has been tried.

    detail: for operators only.
    """

    def __init__(self, problems: Sequence[str], detail: str = "") -> None:
        super().__init__("; ".join([*problems, *([detail] if detail else [])]))
        self.problems = tuple(problems)


class DeadlineError(GenerationError):
    """A model call could not end before the execution's deadline, so none was started."""


ERROR_BY_CODE: dict[str, type[GenerationError]] = {
    # What Converse lists [2].
    "ThrottlingException": ModelThrottledError,  # 429: "exceeding the account quotas" [1]
    "ModelNotReadyException": ModelUnavailableError,  # 429, but "retryable, throttling: false" [2]
    "ModelTimeoutException": ModelUnavailableError,  # 408: the model took too long [2]
    "ModelErrorException": ModelUnavailableError,  # 424: what is behind the model failed [2]
    "InternalServerException": ModelUnavailableError,  # 500: retry with backoff and jitter [1]
    "ServiceUnavailableException": ModelUnavailableError,  # 503: high demand, not our quota [1]
    "AccessDeniedException": ModelRejectedError,  # 403 [1]
    "ResourceNotFoundException": ModelRejectedError,  # 404: model or profile id [1]
    "ValidationException": ModelRejectedError,  # 400 [1]
    # Codes of any operation whose HTTP status would lead to another error [1].
    "ServiceQuotaExceededException": ModelThrottledError,  # 400: "resubmit your request later"
    "ExpiredTokenException": ModelUnavailableError,  # 403: another sandbox has fresh credentials
    "RequestExpired": ModelUnavailableError,  # 400: the signature's clock, as after a freeze
    "MPAgreementBeingCreated": ModelUnavailableError,  # 403: the subscription is being set up
}

ERROR_BY_STOP_REASON: dict[str, type[GenerationError] | None] = {
    "tool_use": None,  # an answer to validate
    "end_turn": None,  # so is this; without a call of the tool it is invalid
    "stop_sequence": None,
    "max_tokens": InvalidAnswerError,  # cut off
    "malformed_tool_use": InvalidAnswerError,
    "malformed_model_output": InvalidAnswerError,
    "content_filtered": ContentFilteredError,
    "guardrail_intervened": ContentFilteredError,
    "model_context_window_exceeded": ModelRejectedError,
}


_LONG_QUOTA = re.compile(r"\bper (?:day|week|month)\b|\b(?:daily|weekly|monthly)\b", re.IGNORECASE)
"""Bedrock's message: "Too many tokens per day, please wait before trying again." [4]"""

_NO_TOOL_CALL = re.compile(r"\btool\s?use\b", re.IGNORECASE)
"""Nova's message: "Model produced invalid sequence as part of ToolUse." [3] [5]"""


def error_of_response(code: str, http_status: int, message: str) -> type[GenerationError]:
    """The error for Bedrock's error code, or for the HTTP status of a code that is not listed,
    unless the message says more."""
    error = _error_of_code(code, http_status)
    if error is ModelThrottledError and _LONG_QUOTA.search(message):
        return ModelQuotaError
    if code == "ModelErrorException" and _NO_TOOL_CALL.search(message):
        return InvalidAnswerError
    return error


def _error_of_code(code: str, http_status: int) -> type[GenerationError]:
    if code in ERROR_BY_CODE:
        return ERROR_BY_CODE[code]
    if http_status == HTTPStatus.TOO_MANY_REQUESTS:
        return ModelThrottledError
    if (
        http_status in (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.FAILED_DEPENDENCY)
        or http_status >= HTTPStatus.INTERNAL_SERVER_ERROR
    ):
        return ModelUnavailableError
    return ModelRejectedError

"""Every failure of a model call is mapped to an error that the state machine knows."""

import json

import botocore.session
import pytest
from botocore.model import ServiceModel, StringShape

from handlers.contract.errors import ERROR_CODE_BY_ERROR_NAME, THROTTLED_ERRORS, TRANSIENT_ERRORS
from handlers.generation.errors import (
    ERROR_BY_CODE,
    ERROR_BY_STOP_REASON,
    GenerationError,
    InvalidAnswerError,
    ModelQuotaError,
    ModelRejectedError,
    ModelThrottledError,
    ModelUnavailableError,
    RetryVerdict,
    error_of_response,
)
from tests.shared_inputs import shared_input

CONVERSE = "Converse"


@pytest.fixture(scope="module")
def bedrock() -> ServiceModel:
    return botocore.session.get_session().get_service_model("bedrock-runtime")


def test_every_error_that_converse_lists_is_mapped(bedrock: ServiceModel) -> None:
    listed = {shape.name for shape in bedrock.operation_model(CONVERSE).error_shapes}
    assert len(listed) >= 9
    assert listed <= ERROR_BY_CODE.keys()


def test_every_stop_reason_that_converse_lists_is_mapped_and_no_other(
    bedrock: ServiceModel,
) -> None:
    stop_reason = bedrock.shape_for("StopReason")
    assert isinstance(stop_reason, StringShape)
    assert set(stop_reason.enum) == ERROR_BY_STOP_REASON.keys()


def test_the_map_agrees_with_what_botocore_knows_of_retrying(bedrock: ServiceModel) -> None:
    for shape in bedrock.operation_model(CONVERSE).error_shapes:
        status = shape.metadata["error"]["httpStatusCode"]
        verdict = ERROR_BY_CODE[shape.name].verdict
        if shape.metadata.get("retryable", {}).get("throttling") is False:
            assert verdict is RetryVerdict.RETRY
        elif status == 429:
            assert verdict is RetryVerdict.THROTTLED
        elif status >= 500:
            assert verdict is RetryVerdict.RETRY


def test_names_codes_and_verdicts_are_those_of_the_state_machine() -> None:
    errors = {error.__name__: error for error in GenerationError.__subclasses__()}
    assert errors.keys() == ERROR_CODE_BY_ERROR_NAME.keys()
    for name, error in errors.items():
        assert (error.verdict is RetryVerdict.THROTTLED) == (name in THROTTLED_ERRORS)
        assert (error.verdict is RetryVerdict.RETRY) == (name in TRANSIENT_ERRORS)


@pytest.mark.parametrize(
    ("http_status", "error"),
    [
        (429, ModelThrottledError),
        (408, ModelUnavailableError),
        (424, ModelUnavailableError),
        (500, ModelUnavailableError),
        (502, ModelUnavailableError),
        (529, ModelUnavailableError),
        (400, ModelRejectedError),
        (403, ModelRejectedError),
        (404, ModelRejectedError),
        (413, ModelRejectedError),
    ],
)
def test_a_code_that_is_not_listed_goes_by_its_http_status(
    http_status: int, error: type[GenerationError]
) -> None:
    assert error_of_response("SomethingNewException", http_status, "") is error


def test_a_listed_error_code_takes_precedence_over_the_http_status() -> None:
    assert error_of_response("ModelNotReadyException", 429, "") is ModelUnavailableError
    assert error_of_response("ThrottlingException", 400, "") is ModelThrottledError


@pytest.mark.parametrize(
    ("message", "error"),
    [
        ("Too many tokens per day, please wait before trying again.", ModelQuotaError),
        ("Too many requests per day", ModelQuotaError),
        ("You have reached your monthly quota.", ModelQuotaError),
        ("Daily token limit exceeded", ModelQuotaError),
        ("Too many tokens, please wait before trying again.", ModelThrottledError),
        ("Too many requests per minute", ModelThrottledError),
        ("Try again today", ModelThrottledError),
        ("", ModelThrottledError),
    ],
)
def test_a_daily_quota_is_recognised_by_its_message(
    message: str, error: type[GenerationError]
) -> None:
    for code, status in (
        ("ThrottlingException", 429),
        ("ServiceQuotaExceededException", 400),
        ("SomethingNewException", 429),
    ):
        assert error_of_response(code, status, message) is error
    assert error_of_response("ValidationException", 400, message) is ModelRejectedError


@pytest.mark.parametrize(
    ("message", "error"),
    [
        (
            "Model produced invalid sequence as part of ToolUse. Please refer to the model tool use"
            " troubleshooting guide.",
            InvalidAnswerError,
        ),
        ("The model could not complete its tool use.", InvalidAnswerError),
        ("The system encountered an unexpected error during processing.", ModelUnavailableError),
        ("", ModelUnavailableError),
    ],
)
def test_a_tool_call_that_the_model_could_not_form_is_an_invalid_answer(
    message: str, error: type[GenerationError]
) -> None:
    assert error_of_response("ModelErrorException", 424, message) is error


@pytest.mark.parametrize(
    ("report", "error"),
    [
        ("04-nova-424-again-and-again", InvalidAnswerError),
        ("06-daily-quota", ModelQuotaError),
    ],
)
def test_the_reported_errors_have_their_own_classes(
    report: str, error: type[GenerationError]
) -> None:
    path = shared_input(f"reports/{report}/error.json")
    told = json.loads(path.read_text(encoding="utf-8"))
    assert error_of_response(told["error"], told["status"], told["message"]) is error

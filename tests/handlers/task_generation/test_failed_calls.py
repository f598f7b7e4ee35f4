"""After a call that fails, or an answer that cannot be used: what is asked again, how often."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from handlers.contract.statuses import ActionStatus
from handlers.generation.errors import (
    ContentFilteredError,
    InvalidAnswerError,
    ModelQuotaError,
    ModelRejectedError,
    ModelThrottledError,
    ModelUnavailableError,
)
from handlers.storage.items import Items
from handlers.storage.models import Usage
from handlers.storage.turns import Turns
from handlers.storage.work_items import WorkItems
from tests.handlers.cold_start import start_cold
from tests.handlers.lambda_context import LambdaContext
from tests.handlers.measured import measured
from tests.handlers.scripted_bedrock import (
    HANG_UP,
    SILENCE,
    TASK,
    ScriptedAnswer,
    calls,
    fails,
    saves,
    says,
)
from tests.handlers.scripted_bedrock import ScriptedBedrock as Bedrock
from tests.handlers.task_generation.invocation import ACTION, item, kept_tasks, run
from tests.handlers.world import TABLE_NAME

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NO_TOOL_CALL = fails(
    "ModelErrorException", 424, "Model produced invalid sequence as part of ToolUse."
)
ONE_CALL = Usage(1_000, 100, Decimal("0.0000588"))
TWO_CALLS = ONE_CALL + ONE_CALL


def decoding(request: dict[str, Any]) -> tuple[float, Any]:
    fields = request.get("additionalModelRequestFields")
    return request["inferenceConfig"]["temperature"], fields


def test_an_invalid_answer_is_repaired_once_and_both_calls_are_accounted_for(
    bedrock: Bedrock, work_items: WorkItems, items: Items
) -> None:
    bedrock.will(saves(TASK | {"estimatedMinutes": 90}))
    bedrock.will(saves(TASK))
    assert run() == {"actionId": ACTION, "taskCount": 1}
    done = item(work_items)
    assert (done.attempts, done.calls_started, done.calls_ended) == (1, 2, 2)
    assert done.usage == TWO_CALLS
    assert kept_tasks(items) == [TASK]
    question, answer, complaint = bedrock.requests[1]["messages"]
    assert question == bedrock.requests[0]["messages"][0]
    assert answer["content"][0]["toolUse"]["input"]["tasks"][0]["estimatedMinutes"] == 90
    result = complaint["content"][0]["toolResult"]
    assert "tasks[0].estimatedMinutes: Input should be less than or equal to 60" in str(result)


@pytest.mark.parametrize(
    "answer",
    [
        calls('{"tasks": ['),  # malformed JSON
        calls({"todo": []}),  # wrong schema
        saves(TASK, stop_reason="max_tokens"),  # truncated
        says([{"text": "はい"}], "end_turn"),  # no tool use
        says([], "malformed_tool_use"),
    ],
)
def test_an_answer_that_stays_invalid_fails_after_one_repair_with_its_reasons(
    bedrock: Bedrock, work_items: WorkItems, items: Items, answer: ScriptedAnswer
) -> None:
    bedrock.will(answer, answer)
    with pytest.raises(InvalidAnswerError) as failed:
        run()
    assert len(bedrock.requests) == 2
    failure = item(work_items)
    assert failure.status is ActionStatus.GENERATING  # the state machine ends it, not the worker
    assert failure.error_detail == str(failed.value)
    assert failure.usage == TWO_CALLS
    assert kept_tasks(items) is None


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (fails("ThrottlingException", 429), ModelThrottledError),
        (fails("ModelNotReadyException", 429), ModelUnavailableError),
        (fails("InternalServerException", 500), ModelUnavailableError),
        (fails("AccessDeniedException", 403), ModelRejectedError),
        (HANG_UP, ModelUnavailableError),
    ],
)
def test_a_call_that_fails_is_not_repaired_and_still_accounted_for(
    bedrock: Bedrock, work_items: WorkItems, answer: ScriptedAnswer, error: type[Exception]
) -> None:
    bedrock.will(answer)
    with pytest.raises(error) as failed:
        run()
    failure = item(work_items)
    assert (failure.attempts, failure.calls_started, failure.calls_ended) == (1, 1, 1)
    assert failure.usage == Usage()
    assert failure.error_detail == str(failed.value)


def test_a_call_that_times_out_is_accounted_for_as_ended(
    bedrock: Bedrock, work_items: WorkItems, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODEL_CALL_TIMEOUT_SECONDS", "0.2")
    bedrock.will(SILENCE)
    with pytest.raises(ModelUnavailableError, match="ReadTimeoutError"):
        run()
    failure = item(work_items)
    assert (failure.calls_started, failure.calls_ended) == (1, 1)
    assert failure.usage == Usage()


def test_a_filtered_answer_is_not_repaired_and_its_tokens_count(
    bedrock: Bedrock, work_items: WorkItems
) -> None:
    bedrock.will(says([{"text": "お答えできません"}], "content_filtered"))
    with pytest.raises(ContentFilteredError):
        run()
    assert len(bedrock.requests) == 1
    assert item(work_items).usage == ONE_CALL


def test_a_retry_after_a_throttled_attempt_succeeds(
    bedrock: Bedrock, work_items: WorkItems
) -> None:
    bedrock.will(fails("ThrottlingException", 429))
    bedrock.will(saves(TASK))
    with pytest.raises(ModelThrottledError):
        run()
    run()
    done = item(work_items)
    assert done.status is ActionStatus.GENERATED
    assert (done.attempts, done.calls_started, done.calls_ended) == (2, 2, 2)


def test_a_tool_call_that_the_model_could_not_form_is_repaired_once(
    bedrock: Bedrock, work_items: WorkItems
) -> None:
    bedrock.will(NO_TOOL_CALL, saves(TASK))
    run()
    first, second = bedrock.requests
    assert len(second["messages"]) == 3
    assert "malformed" in str(second["messages"][2])
    assert decoding(first) == (0, {"inferenceConfig": {"topK": 1}})
    assert decoding(second) == (0.3, {})
    done = item(work_items)
    assert (done.attempts, done.calls_started, done.repairs) == (1, 2, 1)


def test_a_tool_call_that_the_model_cannot_form_fails_after_two_calls(
    bedrock: Bedrock, work_items: WorkItems
) -> None:
    bedrock.will(NO_TOOL_CALL, NO_TOOL_CALL)
    with pytest.raises(InvalidAnswerError, match="malformed"):  # which is not retried
        run()
    assert len(bedrock.requests) == 2
    assert "ModelErrorException (HTTP 424" in (item(work_items).error_detail or "")


@pytest.mark.parametrize(
    "answer", [fails("ModelErrorException", 424), fails("InternalServerException", 500), HANG_UP]
)
def test_after_a_failed_request_the_next_attempts_decode_differently(
    bedrock: Bedrock, answer: ScriptedAnswer
) -> None:
    bedrock.will(answer, fails("ThrottlingException", 429), saves(TASK))
    for error in (ModelUnavailableError, ModelThrottledError):
        with pytest.raises(error):
            run()
    run()
    assert [decoding(request)[0] for request in bedrock.requests] == [0, 0.3, 0.3]


def test_a_throttled_call_lowers_the_budget_that_executions_wait_for(
    bedrock: Bedrock, dynamodb: "DynamoDBClient", monkeypatch: pytest.MonkeyPatch
) -> None:
    for tokens, share in (("0", 1), ("400000", 0.7)):
        monkeypatch.setenv("MODEL_BUDGET_PER_MINUTE", tokens)
        start_cold()
        bedrock.will(fails("ThrottlingException", 429))
        with pytest.raises(ModelThrottledError):
            run()
        assert Turns(dynamodb, TABLE_NAME).budget().share == share


def test_after_throttling_the_same_request_is_sent_again(bedrock: Bedrock) -> None:
    bedrock.will(fails("ThrottlingException", 429), saves(TASK))
    with pytest.raises(ModelThrottledError):
        run()
    run()
    first, second = bedrock.requests
    assert first == second


@pytest.mark.parametrize("unusable", [saves(), NO_TOOL_CALL])
def test_an_action_has_one_repair_over_all_its_attempts(
    bedrock: Bedrock, work_items: WorkItems, unusable: ScriptedAnswer
) -> None:
    bedrock.will(unusable, fails("ThrottlingException", 429), unusable)
    with pytest.raises(ModelThrottledError):
        run()
    with pytest.raises(InvalidAnswerError):
        run()
    assert bedrock.answers == []
    assert [len(request["messages"]) for request in bedrock.requests] == [1, 3, 1]
    assert decoding(bedrock.requests[2]) == (0.3, {})
    failed = item(work_items)
    assert (failed.attempts, failed.throttles, failed.repairs) == (2, 1, 1)


def test_a_used_up_daily_quota_fails_at_once_with_its_own_code(
    bedrock: Bedrock, work_items: WorkItems, capsys: pytest.CaptureFixture[str]
) -> None:
    message = "Too many tokens per day, please wait before trying again."
    bedrock.will(fails("ThrottlingException", 429, message))
    with pytest.raises(ModelQuotaError, match="per day"):
        run()
    assert len(bedrock.requests) == 1
    assert item(work_items).throttles == 0
    assert measured(capsys.readouterr().out) == {
        "FailedAttempts": [1],
        "FailedAttempts{errorCode=MODEL_QUOTA_USED_UP}": [1],
    }


def test_a_response_too_deep_to_be_parsed_is_unavailable(bedrock: Bedrock) -> None:
    deep = "[" * 200_000 + "]" * 200_000
    bedrock.will(ScriptedAnswer(200, f'{{"stopReason": "tool_use", "x": {deep}}}'.encode()))
    with pytest.raises(ModelUnavailableError, match="none of Converse's"):
        run()


def test_a_deep_input_is_refused_and_does_not_go_back(bedrock: Bedrock) -> None:
    deep: Any = []
    for _ in range(300):
        deep = [deep]
    bedrock.will(calls({"tasks": deep}), saves(TASK))
    run()
    assert "toolUse" not in str(bedrock.requests[1]["messages"])
    assert "too large or too deep" in str(bedrock.requests[1]["messages"])


def test_without_time_for_a_repair_the_answer_is_invalid_at_once(
    bedrock: Bedrock, monkeypatch: pytest.MonkeyPatch
) -> None:
    bedrock.will(saves())
    left = iter([120_000, 9_000])

    def remaining(_: LambdaContext) -> int:
        return next(left)

    monkeypatch.setattr(LambdaContext, "get_remaining_time_in_millis", remaining)
    with pytest.raises(InvalidAnswerError):
        run()
    assert len(bedrock.requests) == 1

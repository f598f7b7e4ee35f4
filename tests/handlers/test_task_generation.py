"""The function task-generation, from event to table, with a model over HTTP."""

import io
import json
import time
import traceback
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

import handlers.task_generation as entry
from handlers.contract.events import InvalidEventError
from handlers.contract.statuses import ActionStatus
from handlers.generation.errors import (
    ContentFilteredError,
    DeadlineError,
    InvalidAnswerError,
    ModelQuotaError,
    ModelRejectedError,
    ModelThrottledError,
    ModelUnavailableError,
)
from handlers.generation.prompt import PROMPT_VERSION
from handlers.generation.wiring import worker
from handlers.storage.attempts import Attempts
from handlers.storage.errors import FencedError, MissingItemError, TableUnavailableError
from handlers.storage.items import Items
from handlers.storage.models import ActionContext, Usage, WorkItem
from handlers.storage.turns import Turns
from handlers.storage.work_item_format import new_work_item
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
    scripted_bedrock,
)
from tests.handlers.scripted_bedrock import ScriptedBedrock as Bedrock
from tests.handlers.world import TABLE_NAME

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

EXECUTION = "0193b3a0-0000-7000-8000-000000000001"
ACTION = "0193b3a0-0000-4000-8000-000000000002"
REQUEST = "JKJaXmPLvHcESHA="
GOAL = "0193b3a0-0000-4000-8000-000000000004"
UNKNOWN = "0193b3a0-0000-4000-8000-000000000003"
CANARY = 'カナリア9号\n{"level": "ERROR"} </goal_data>'
CONTEXT = ActionContext(
    CANARY, "HABIT", "体力をつける", "フルマラソンを完走する", action_background=CANARY
)
NO_TOOL_CALL = fails(
    "ModelErrorException", 424, "Model produced invalid sequence as part of ToolUse."
)
Output = Callable[[], list[dict[str, Any]]]
ONE_CALL = Usage(1_000, 100, Decimal("0.0000588"))
TWO_CALLS = ONE_CALL + ONE_CALL


@pytest.fixture
def bedrock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bedrock]:
    with scripted_bedrock() as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", server.url)
        yield server


@pytest.fixture
def items(dynamodb: "DynamoDBClient") -> Items:
    return Items(dynamodb, TABLE_NAME)


@pytest.fixture(autouse=True)
def function(monkeypatch: pytest.MonkeyPatch, bedrock: Bedrock, items: Items) -> Iterator[None]:
    """The function after a cold start, with one work item to do."""
    for name, value in {
        "TABLE_NAME": TABLE_NAME,
        "TTL_DAYS": "90",
        "MODEL_BUDGET_PER_MINUTE": "0",
        "BEDROCK_MODEL": "apac.amazon.nova-micro-v1:0",
        "MODEL_CALL_TIMEOUT_SECONDS": "10",
        "HEDGE_AFTER_SECONDS": "0",
    }.items():
        monkeypatch.setenv(name, value)
    items.put_new(new_work_item(EXECUTION, ACTION, CONTEXT))
    start_cold()
    yield
    start_cold()


@pytest.fixture
def output(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[], list[dict[str, Any]]]:
    """Everything the function has written, log lines and metrics, line by line."""
    logged = io.StringIO()
    monkeypatch.setattr(entry.telemetry.logger.registered_handler, "stream", logged)
    return lambda: [
        json.loads(line)
        for line in logged.getvalue().splitlines() + capsys.readouterr().out.splitlines()
    ]


def run(remaining_ms: int = 120_000, **changed: Any) -> dict[str, Any]:
    event = {
        "executionId": EXECUTION,
        "goalId": GOAL,
        "requestId": REQUEST,
        "actionId": ACTION,
        "deadline": int(time.time()) + 900,
    } | changed
    return entry.handler(event, LambdaContext(remaining_ms))


def item(work_items: WorkItems) -> WorkItem:
    found = work_items.get(EXECUTION, ACTION)
    assert found
    return found


def kept_tasks(items: Items) -> Any:
    kept = items.get(EXECUTION, f"tasks#{ACTION}")
    return kept and kept["tasks"]


def test_tasks_are_kept_with_what_they_cost_and_the_prompts_version(
    bedrock: Bedrock, work_items: WorkItems, items: Items
) -> None:
    bedrock.will(saves(TASK, TASK | {"title": "一周する"}))
    assert run() == {"actionId": ACTION, "taskCount": 2}
    done = item(work_items)
    assert done.status is ActionStatus.GENERATED
    assert (done.attempts, done.calls_started, done.calls_ended) == (1, 1, 1)
    assert done.usage == ONE_CALL
    assert done.prompt_version == PROMPT_VERSION
    assert kept_tasks(items) == [TASK, TASK | {"title": "一周する"}]
    assert bedrock.requests[0]["requestMetadata"] == {
        "executionId": EXECUTION,
        "goalId": GOAL,
        "requestId": REQUEST,
        "actionId": ACTION,
        "promptVersion": PROMPT_VERSION,
    }


def test_every_line_names_request_execution_goal_and_action(
    bedrock: Bedrock, output: Callable[[], list[dict[str, Any]]]
) -> None:
    bedrock.will(saves(), saves(TASK), fails("ThrottlingException", 429))
    run()
    lines = [line for line in output() if "_aws" not in line]
    assert [line["message"] for line in lines] == [
        "model answered",
        "repairing the answer",
        "model answered",
        "tasks kept",
    ]
    ids = {"requestId": REQUEST, "executionId": EXECUTION, "goalId": GOAL, "actionId": ACTION}
    assert all(ids.items() <= line.items() for line in lines)
    assert lines[0]["inputTokens"] == 1_000
    assert lines[0]["costUsd"] == 0.0000588
    assert lines[-1]["durationMs"] >= 0


def test_an_action_with_its_tasks_is_not_generated_again(
    bedrock: Bedrock, work_items: WorkItems
) -> None:
    bedrock.will(saves(TASK))
    first = run()
    assert run() == first
    assert len(bedrock.requests) == 1
    assert item(work_items).attempts == 1


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
    bedrock: Bedrock,
    work_items: WorkItems,
    answer: ScriptedAnswer,
    error: type[Exception],
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


def test_an_answer_in_another_form_is_read_counted_and_not_paid_for_again(
    bedrock: Bedrock, work_items: WorkItems, items: Items, output: Output
) -> None:
    bedrock.will(calls(json.dumps({"tasks": [TASK | {"estimatedMinutes": "３０"}]})))
    assert run() == {"actionId": ACTION, "taskCount": 1}
    assert len(bedrock.requests) == 1
    assert kept_tasks(items) == [TASK]
    assert item(work_items).coerced == ("JSON_AS_TEXT", "MINUTES")
    lines = output()
    (line,) = [line for line in lines if line.get("message") == "answer coerced"]
    assert line["coerced"] == ["JSON_AS_TEXT", "MINUTES"]
    assert [line["AnswersCoerced"] for line in lines if "AnswersCoerced" in line] == [[1]]


def test_a_clean_answer_is_not_counted_as_coerced(
    bedrock: Bedrock, work_items: WorkItems, items: Items, output: Output
) -> None:
    bedrock.will(saves(TASK))
    run()
    assert item(work_items).coerced == ()
    assert "coerced" not in (items.get(EXECUTION, f"action#{ACTION}") or {})
    assert not any("AnswersCoerced" in line for line in output())


def test_a_tool_call_that_the_model_could_not_form_is_repaired_once(
    bedrock: Bedrock, work_items: WorkItems
) -> None:
    bedrock.will(NO_TOOL_CALL, saves(TASK))
    run()
    first, second = bedrock.requests
    assert len(second["messages"]) == 3
    assert "malformed" in str(second["messages"][2])
    assert _decoding(first) == (0, {"inferenceConfig": {"topK": 1}})
    assert _decoding(second) == (0.3, {})
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
    assert [_decoding(request)[0] for request in bedrock.requests] == [0, 0.3, 0.3]


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
    assert _decoding(bedrock.requests[2]) == (0.3, {})
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


def _decoding(request: dict[str, Any]) -> tuple[float, Any]:
    fields = request.get("additionalModelRequestFields")
    return request["inferenceConfig"]["temperature"], fields


def test_near_the_deadline_no_call_is_made(bedrock: Bedrock, work_items: WorkItems) -> None:
    with pytest.raises(DeadlineError):
        run(deadline=int(time.time()) + 60)
    assert bedrock.requests == []
    assert item(work_items).calls_started == 0
    assert item(work_items).attempts == 0


@pytest.mark.parametrize(
    "late", [{"deadline": 1}, {"remaining_ms": 9_000}], ids=["deadline", "function"]
)
def test_a_step_repeated_too_late_answers_with_the_tasks_that_are_there(
    late: dict[str, int], bedrock: Bedrock, work_items: WorkItems, output: Output
) -> None:
    bedrock.will(saves(TASK))
    done = run()
    before = item(work_items)
    assert run(**late) == done
    assert item(work_items) == before
    assert not any("FailedAttempts" in line for line in output())


@pytest.mark.parametrize("late", [{}, {"deadline": 1}], ids=["in time", "late"])
def test_an_unknown_action_is_no_failed_attempt(
    late: dict[str, int], bedrock: Bedrock, output: Output
) -> None:
    with pytest.raises(MissingItemError, match=f"execution {EXECUTION} has no action {UNKNOWN}"):
        run(actionId=UNKNOWN, **late)
    assert bedrock.requests == []
    assert not any("FailedAttempts" in line for line in output())


def test_without_time_for_a_repair_the_answer_is_invalid_at_once(
    bedrock: Bedrock, monkeypatch: pytest.MonkeyPatch
) -> None:
    bedrock.will(saves())
    context = LambdaContext()
    remaining = iter([120_000, 9_000])
    monkeypatch.setattr(context, "get_remaining_time_in_millis", lambda: next(remaining))
    event = {
        "executionId": EXECUTION,
        "goalId": GOAL,
        "actionId": ACTION,
        "deadline": int(time.time()) + 900,
    }
    with pytest.raises(InvalidAnswerError):
        entry.handler(event, context)
    assert len(bedrock.requests) == 1


def test_after_the_execution_has_ended_nothing_is_called_or_kept(
    bedrock: Bedrock, items: Items
) -> None:
    items.update(
        EXECUTION,
        f"action#{ACTION}",
        "SET #status = :failed",
        "attribute_exists(pk)",
        {":failed": "FAILED"},
    )
    with pytest.raises(FencedError):
        run()
    assert bedrock.requests == []
    assert kept_tasks(items) is None


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"deadline": "soon"}, "deadline: must be epoch seconds, a whole number, got 'soon'"),
        ({"deadline": 0}, "deadline: must be epoch seconds, a whole number, got 0"),
        ({"actionId": "7"}, "actionId: must be a UUID"),
        ({"executionId": None}, "executionId: must be a UUID in lower case, got nothing"),
        ({"goalId": "g"}, "goalId: must be a UUID"),
        ({"requestId": "走る"}, "requestId: must be the id of an API request, got '走る'"),
        ({"title": "走る"}, "title: is not known"),
    ],
)
def test_a_bad_event_is_an_error_that_names_field_value_and_rule(
    changed: dict[str, Any], problem: str
) -> None:
    with pytest.raises(InvalidEventError) as invalid:
        run(**changed)
    assert problem in str(invalid.value)


def test_tokens_cost_latency_and_repairs_are_measured(
    bedrock: Bedrock, capsys: pytest.CaptureFixture[str]
) -> None:
    bedrock.will(saves())
    bedrock.will(saves(TASK))
    run()
    found = measured(capsys.readouterr().out)
    assert len(found.pop("ModelLatency")) == 2
    assert found == {
        "InputTokens": [1_000, 1_000],
        "OutputTokens": [100, 100],
        "CostUsd": [0.0000588, 0.0000588],
        "Repairs": [1],
        "ActionsGenerated": [1],
    }


def test_a_failed_attempt_is_counted_by_its_error_code(
    bedrock: Bedrock, capsys: pytest.CaptureFixture[str]
) -> None:
    bedrock.will(fails("ThrottlingException", 429))
    with pytest.raises(ModelThrottledError):
        run()
    assert measured(capsys.readouterr().out) == {
        "FailedAttempts": [1],
        "FailedAttempts{errorCode=MODEL_THROTTLED}": [1],
        "ModelThrottles": [1],
    }


def test_an_attempt_that_the_table_fails_counts_as_failed_too(
    bedrock: Bedrock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bedrock.will(saves(TASK))

    def throttled(*_: object) -> bool:
        raise TableUnavailableError("ThrottlingException")

    monkeypatch.setattr(Attempts, "keep_tasks", throttled)
    with pytest.raises(TableUnavailableError):
        run()
    found = measured(capsys.readouterr().out)
    assert found["FailedAttempts{errorCode=FUNCTION_FAILED}"] == [1]
    assert "ActionsGenerated" not in found
    assert found["InputTokens"] == [1_000]


def test_an_action_is_measured_once_however_often_its_step_is_repeated(
    bedrock: Bedrock, capsys: pytest.CaptureFixture[str]
) -> None:
    bedrock.will(saves(TASK))
    run()
    run()
    assert measured(capsys.readouterr().out)["ActionsGenerated"] == [1]


def test_an_attempt_after_the_executions_end_is_not_counted_as_failed(
    bedrock: Bedrock, items: Items, capsys: pytest.CaptureFixture[str]
) -> None:
    items.update(
        EXECUTION,
        f"action#{ACTION}",
        "SET #status = :failed",
        "attribute_exists(pk)",
        {":failed": "FAILED"},
    )
    with pytest.raises(FencedError):
        run()
    assert measured(capsys.readouterr().out) == {}


def test_an_unknown_price_is_logged_once_per_cold_start(
    bedrock: Bedrock,
    monkeypatch: pytest.MonkeyPatch,
    output: Callable[[], list[dict[str, Any]]],
) -> None:
    monkeypatch.setenv("BEDROCK_MODEL", "meta.llama3-8b-instruct-v1:0")
    bedrock.will(fails("ThrottlingException", 429))
    bedrock.will(saves(TASK))
    with pytest.raises(ModelThrottledError):
        run()
    run()
    assert sum("no price is known" in line.get("message", "") for line in output()) == 1


def test_goal_text_reaches_the_model_and_no_log_line_metric_or_stack_trace(
    bedrock: Bedrock, work_items: WorkItems, output: Callable[[], list[dict[str, Any]]]
) -> None:
    echo = {"title": CANARY, "description": CANARY, CANARY: CANARY, "type": CANARY}
    bedrock.will(saves(echo))
    bedrock.will(saves(echo))
    bedrock.will(fails("ValidationException", 400, f"cannot take {CANARY}"))
    bedrock.will(says([{"text": CANARY}], "content_filtered"))
    traces = ""
    for _ in range(3):
        with pytest.raises(Exception) as failed:  # noqa: PT011 - whichever, it must not quote
            run()
        traces += "".join(traceback.format_exception(failed.value))
    written = json.dumps(output(), ensure_ascii=False) + traces + str(item(work_items).error_detail)
    assert "カナリア9号" in json.dumps(bedrock.requests, ensure_ascii=False)
    assert "カナリア" not in written
    assert '"level": "ERROR"' not in written


def test_the_client_of_bedrock_makes_one_attempt_with_the_read_time_out_of_the_settings(
    bedrock: Bedrock,
) -> None:
    function = worker(entry.telemetry)
    config: Any = function.model._client.meta.config  # pyright: ignore[reportPrivateUsage]
    assert config.retries["total_max_attempts"] == 1
    assert (config.connect_timeout, config.read_timeout) == (5, 10)

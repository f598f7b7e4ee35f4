"""The function task-generation where slow calls of the model get a second one beside them.

The threads are real. How long the model takes is an event, and a call is known by its thread.
"""

import json
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

import handlers.task_generation as entry
from handlers.contract.statuses import ActionStatus
from handlers.generation.errors import ModelThrottledError, ModelUnavailableError
from handlers.generation.wiring import worker
from handlers.storage.attempts import Attempts
from handlers.storage.errors import TableUnavailableError
from handlers.storage.items import Items
from handlers.storage.models import ActionContext, Usage
from handlers.storage.turns import Turns
from handlers.storage.work_item_format import new_work_item
from handlers.storage.work_items import WorkItems
from tests.handlers.cold_start import start_cold
from tests.handlers.lambda_context import LambdaContext
from tests.handlers.measured import measured
from tests.handlers.scripted_bedrock import TASK, ScriptedAnswer, fails, saves
from tests.handlers.task_generation.invocation import ACTION, EXECUTION, NEXT_ACTION, item, run
from tests.handlers.world import TABLE_NAME

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ONE_CALL = Usage(1_000, 100)
Wait = Callable[[], object]
Output = Callable[[], list[dict[str, Any]]]


class Bedrock:
    """A client that answers a call when what the test says has happened; others at once.

    threads: who made a call, by the call's number.
    """

    def __init__(self) -> None:
        self.threads = dict[int, threading.Thread]()
        self.requests = list[Any]()
        self._made = defaultdict[int, threading.Event](threading.Event)
        self._answers = dict[int, tuple[ScriptedAnswer, Sequence[Wait]]]()

    def will(self, call: int, answer: ScriptedAnswer, *waits: Wait) -> None:
        """What a call gets, and what it waits for, in order."""
        self._answers[call] = (answer, waits)

    def made(self, call: int) -> Wait:
        """Waits until a call is made."""
        return self._made[call].wait

    def ended(self, call: int) -> Wait:
        """Waits until a call has handed over how it ended."""

        def wait() -> None:
            self._made[call].wait()
            self.threads[call].join()

        return wait

    def converse(self, **request: Any) -> Any:
        """Converse."""
        thread = threading.current_thread()
        call = int(thread.name.removeprefix("model-call-")) if thread.daemon else 0
        self.threads[call] = thread
        self.requests.append(request)
        self._made[call].set()
        answer, waits = self._answers.get(call, (saves(TASK), ()))
        for wait in waits:
            wait()
        if answer.error:
            response: Any = {
                "Error": {"Code": answer.error, "Message": "no"},
                "ResponseMetadata": {"HTTPStatusCode": answer.status},
            }
            raise ClientError(response, "Converse")
        return json.loads(answer.body)


@pytest.fixture(autouse=True)
def function(monkeypatch: pytest.MonkeyPatch, items: Items) -> Iterator[None]:
    for name, value in {
        "TABLE_NAME": TABLE_NAME,
        "TTL_DAYS": "90",
        "MODEL_BUDGET_PER_MINUTE": "0",
        # no price is known: what a test compares are tokens
        "BEDROCK_MODEL": "meta.llama3-8b-instruct-v1:0",
        "MODEL_CALL_TIMEOUT_SECONDS": "10",
    }.items():
        monkeypatch.setenv(name, value)
    for action in (ACTION, NEXT_ACTION):
        items.put_new(
            new_work_item(EXECUTION, action, ActionContext("走る", "HABIT", "体", "目標"))
        )
    yield
    start_cold()


@pytest.fixture
def never() -> Iterator[Wait]:
    """Waits until the test is over."""
    over = threading.Event()
    yield over.wait
    over.set()


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Bedrock]:
    """The function after a cold start with this setting, and its model."""

    def start(hedge_after_seconds: str) -> Bedrock:
        monkeypatch.setenv("HEDGE_AFTER_SECONDS", hedge_after_seconds)
        start_cold()
        bedrock = Bedrock()
        monkeypatch.setattr(worker(entry.telemetry).model, "_client", bedrock)
        return bedrock

    return start


@pytest.fixture
def bedrock(start: Callable[[str], Bedrock]) -> Bedrock:
    """A model whose calls get a second one beside them at once."""
    return start("0.001")


def accounts(work_items: WorkItems) -> tuple[int, int, int, Usage]:
    """Calls started, of which hedged, ended, and what they have used."""
    one = item(work_items)
    return one.calls_started, one.hedged_calls, one.calls_ended, one.usage


def test_a_slow_call_is_overtaken_by_a_second_one_and_both_are_accounted_for(
    bedrock: Bedrock, never: Wait, work_items: WorkItems, capsys: pytest.CaptureFixture[str]
) -> None:
    bedrock.will(1, saves(TASK), never)
    assert run() == {"actionId": ACTION, "taskCount": 1}
    assert item(work_items).status is ActionStatus.GENERATED
    # What the first one uses is not known; the same prompt has led the second one to this.
    assert accounts(work_items) == (2, 1, 2, ONE_CALL + ONE_CALL)
    found = measured(capsys.readouterr().out)
    assert len(found.pop("ModelLatency")) == 1
    assert found == {
        "HedgedCalls": [1],
        "HedgesWon": [1],
        "InputTokens": [1_000, 1_000],
        "OutputTokens": [100, 100],
        "CostUsd": [0.0, 0.0],
        "ActionsGenerated": [1],
    }


def test_a_first_call_may_win_after_the_second_one_has_begun(
    bedrock: Bedrock, never: Wait, work_items: WorkItems, output: Output
) -> None:
    bedrock.will(1, saves(TASK), bedrock.made(2))
    bedrock.will(2, saves(TASK, TASK), never)
    assert run() == {"actionId": ACTION, "taskCount": 1}
    assert accounts(work_items) == (2, 1, 2, ONE_CALL + ONE_CALL)
    lines = output()
    assert not any("HedgesWon" in line for line in lines)
    assert [line["message"] for line in lines if line.get("level") == "INFO"] == [
        "asking a second time",
        "call overtaken",
        "model answered",
        "tasks kept",
    ]


@pytest.mark.parametrize(("failing", "other"), [(1, 2), (2, 1)])
def test_a_call_that_fails_beside_another_waits_for_it_and_costs_nothing(
    bedrock: Bedrock,
    work_items: WorkItems,
    capsys: pytest.CaptureFixture[str],
    failing: int,
    other: int,
) -> None:
    bedrock.will(failing, fails("InternalServerException", 500), bedrock.made(2))
    bedrock.will(other, saves(TASK), bedrock.ended(failing))
    assert run() == {"actionId": ACTION, "taskCount": 1}
    assert accounts(work_items) == (2, 1, 2, ONE_CALL)
    found = measured(capsys.readouterr().out)
    assert found["InputTokens"] == [1_000]
    assert ("HedgesWon" in found) == (other == 2)
    assert "FailedAttempts" not in found


def test_if_both_calls_fail_the_first_ones_error_counts_as_if_it_had_been_alone(
    bedrock: Bedrock, work_items: WorkItems, capsys: pytest.CaptureFixture[str]
) -> None:
    bedrock.will(1, fails("InternalServerException", 500), bedrock.ended(2))
    bedrock.will(2, fails("AccessDeniedException", 403), bedrock.made(1))
    with pytest.raises(ModelUnavailableError):
        run()
    assert accounts(work_items) == (2, 1, 2, Usage())
    failed = item(work_items)
    assert failed.status is ActionStatus.GENERATING  # which the state machine retries
    assert "InternalServerException" in (failed.error_detail or "")
    assert measured(capsys.readouterr().out) == {
        "HedgedCalls": [1],
        "FailedAttempts": [1],
        "FailedAttempts{errorCode=MODEL_UNAVAILABLE}": [1],
    }


def test_a_second_call_that_is_throttled_lowers_the_budget_and_fails_no_attempt(
    start: Callable[[str], Bedrock],
    dynamodb: "DynamoDBClient",
    work_items: WorkItems,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("MODEL_BUDGET_PER_MINUTE", "400000")
    bedrock = start("0.001")
    bedrock.will(1, saves(TASK), bedrock.ended(2))
    bedrock.will(2, fails("ThrottlingException", 429))
    run()
    assert Turns(dynamodb, TABLE_NAME).budget().share == 0.7
    assert measured(capsys.readouterr().out)["ModelThrottles"] == [1]
    assert item(work_items).throttles == 0


def test_without_time_for_a_second_call_there_is_none(
    bedrock: Bedrock, work_items: WorkItems, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = threading.Event()
    bedrock.will(1, saves(TASK), asked.wait)
    left = iter((120_000, 24_999))  # a call may take 15 s, and what follows it 10 s

    def remaining(_: LambdaContext) -> int:
        milliseconds = next(left)
        if milliseconds < 120_000:
            asked.set()
        return milliseconds

    monkeypatch.setattr(LambdaContext, "get_remaining_time_in_millis", remaining)
    run()
    assert accounts(work_items) == (1, 0, 1, ONE_CALL)
    assert len(bedrock.requests) == 1


def test_a_second_call_that_cannot_be_counted_is_not_made(
    bedrock: Bedrock, work_items: WorkItems, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = threading.Event()
    bedrock.will(1, saves(TASK), asked.wait)

    def unavailable(*_: object) -> int:
        asked.set()
        raise TableUnavailableError("ThrottlingException")

    monkeypatch.setattr(Attempts, "begin_second_call", unavailable)
    assert run() == {"actionId": ACTION, "taskCount": 1}
    assert accounts(work_items) == (1, 0, 1, ONE_CALL)
    assert len(bedrock.requests) == 1


def test_a_call_is_counted_before_it_is_made(
    bedrock: Bedrock, work_items: WorkItems, never: Wait
) -> None:
    counted = list[int]()
    bedrock.will(1, saves(TASK), never)
    bedrock.will(2, saves(TASK), lambda: counted.append(item(work_items).calls_started))
    run()
    assert counted == [2]


def test_a_hedged_call_is_no_repair_and_the_repair_turn_is_hedged_too(
    bedrock: Bedrock, never: Wait, work_items: WorkItems
) -> None:
    bedrock.will(1, saves(TASK), never)
    bedrock.will(2, saves(TASK | {"estimatedMinutes": 90}))
    bedrock.will(3, saves(TASK), never)
    assert run() == {"actionId": ACTION, "taskCount": 1}
    assert [len(request["messages"]) for request in bedrock.requests] == [1, 1, 3, 3]
    four = ONE_CALL + ONE_CALL + ONE_CALL + ONE_CALL
    assert accounts(work_items) == (4, 2, 4, four)
    assert item(work_items).repairs == 1


def test_after_a_hedged_attempt_the_next_one_may_still_repair(
    bedrock: Bedrock, never: Wait, work_items: WorkItems
) -> None:
    bedrock.will(1, fails("ThrottlingException", 429), bedrock.made(2))
    bedrock.will(2, fails("ThrottlingException", 429), bedrock.ended(1))
    with pytest.raises(ModelThrottledError):
        run()
    bedrock.will(3, saves(), bedrock.made(4))
    bedrock.will(4, saves(), never)
    assert not item(work_items).has_failed_before
    assert run() == {"actionId": ACTION, "taskCount": 1}
    assert item(work_items).repairs == 1


def test_a_call_that_ends_in_another_invocation_changes_nothing_there(
    bedrock: Bedrock, work_items: WorkItems, items: Items, output: Output
) -> None:
    thawed = threading.Event()
    bedrock.will(1, saves(TASK), thawed.wait)
    run()
    first = bedrock.threads[1]
    before = items.get(EXECUTION, f"action#{ACTION}")
    output()

    def end_the_first() -> None:
        thawed.set()
        first.join()

    for call in (1, 2):  # of the next action, which has its own numbers
        bedrock.will(call, saves(TASK), end_the_first)
    assert run(actionId=NEXT_ACTION)["actionId"] == NEXT_ACTION
    assert not first.is_alive()
    assert items.get(EXECUTION, f"action#{ACTION}") == before
    assert item(work_items, NEXT_ACTION).status is ActionStatus.GENERATED
    assert all(line.get("actionId", NEXT_ACTION) == NEXT_ACTION for line in output())


def test_without_the_setting_a_call_has_no_thread_and_no_second_one(
    start: Callable[[str], Bedrock], work_items: WorkItems, dynamodb: "DynamoDBClient"
) -> None:
    bedrock = start("0")
    requests = list[str]()

    def note(model: Any, **_: object) -> None:
        requests.append(model.name)

    events = worker(entry.telemetry).attempts._items._client.meta.events  # pyright: ignore[reportPrivateUsage]
    events.register("before-call.dynamodb", note, "noted")
    run()
    events.unregister("before-call.dynamodb", unique_id="noted")
    assert bedrock.threads == {0: threading.main_thread()}
    assert requests == ["UpdateItem", "TransactWriteItems"]
    assert accounts(work_items) == (1, 0, 1, ONE_CALL)


def test_a_quick_call_with_the_setting_takes_no_further_request_of_the_table(
    start: Callable[[str], Bedrock], work_items: WorkItems
) -> None:
    start("9")
    run()
    assert accounts(work_items) == (1, 0, 1, ONE_CALL)

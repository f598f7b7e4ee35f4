"""An action gets its tasks once, in time, and while its execution runs."""

import json
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

import handlers.task_generation as entry
from handlers.contract.events import InvalidEventError
from handlers.contract.statuses import ActionStatus
from handlers.generation.errors import DeadlineError
from handlers.generation.prompt import PROMPT_VERSION
from handlers.generation.wiring import worker
from handlers.storage.errors import FencedError, MissingItemError
from handlers.storage.items import Items
from handlers.storage.models import Usage
from handlers.storage.work_items import WorkItems
from tests.handlers.scripted_bedrock import TASK, calls, saves
from tests.handlers.scripted_bedrock import ScriptedBedrock as Bedrock
from tests.handlers.task_generation.invocation import (
    ACTION,
    EXECUTION,
    GOAL,
    NEXT_ACTION,
    REQUEST,
    end,
    item,
    kept_tasks,
    run,
)

ONE_CALL = Usage(1_000, 100, Decimal("0.0000588"))
Output = Callable[[], list[dict[str, Any]]]


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


def test_an_action_with_its_tasks_is_not_generated_again(
    bedrock: Bedrock, work_items: WorkItems
) -> None:
    bedrock.will(saves(TASK))
    first = run()
    assert run() == first
    assert len(bedrock.requests) == 1
    assert item(work_items).attempts == 1


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
    with pytest.raises(
        MissingItemError, match=f"execution {EXECUTION} has no action {NEXT_ACTION}"
    ):
        run(actionId=NEXT_ACTION, **late)
    assert bedrock.requests == []
    assert not any("FailedAttempts" in line for line in output())


def test_after_the_execution_has_ended_nothing_is_called_or_kept(
    bedrock: Bedrock, items: Items
) -> None:
    end(items)
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


def test_the_client_of_bedrock_makes_one_attempt_with_the_read_time_out_of_the_settings(
    bedrock: Bedrock,
) -> None:
    function = worker(entry.telemetry)
    config: Any = function.model._client.meta.config  # pyright: ignore[reportPrivateUsage]
    assert config.retries["total_max_attempts"] == 1
    assert (config.connect_timeout, config.read_timeout) == (5, 10)

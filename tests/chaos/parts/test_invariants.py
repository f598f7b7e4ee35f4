"""Each invariant's checker is silent about a whole goal, and speaks up about a broken one."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chaos.parts.checks.evidence import (
    Execution,
    GoalEvidence,
    Item,
    ModelCall,
    Progress,
    Reply,
    Task,
)
from chaos.parts.checks.invariants import broken
from handlers.contract.ids import task_id

T0 = datetime(2026, 11, 29, 12, tzinfo=UTC)
ACTION = "a0000000-0000-0000-0000-000000000001"
FIRST, SECOND = "01900000-0000-7000-8000-000000000001", "01900000-0000-7000-8000-000000000002"
STRANGER_TASK = "00000000-0000-5000-8000-000000000009"
USER_TASK = "00000000-0000-4000-8000-000000000001"


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


ITEM = Item("SAVED", "", 2, 1, 1, 100, 50, at(2), 2)
CALL = ModelCall(SECOND, ACTION, at(1).timestamp(), at(1.5).timestamp(), 200, 100, 50, True)
LAST = Execution(
    execution_id=SECOND,
    status="SUCCEEDED",
    error_code="",
    started_at=at(0),
    stopped_at=at(5),
    parent_id=None,
    succeeded=1,
    failed=(),
    total=1,
    task_count=2,
    input_tokens=100,
    output_tokens=50,
    items={ACTION: ITEM},
    machine_status="SUCCEEDED",
    calls=(CALL,),
    progress=(Progress("RUNNING", 0, 1), Progress("SUCCEEDED", 1, 1)),
    messages=1,
)
REPLACED = replace(
    LAST,
    execution_id=FIRST,
    started_at=at(-20),
    stopped_at=at(-10),
    items={ACTION: replace(ITEM, ended_at=at(-15))},
    calls=(replace(CALL, execution_id=FIRST, began=at(-16).timestamp()),),
)
SAVED = tuple(Task(str(task_id(SECOND, ACTION, i)), ACTION, "NOT_STARTED", f"{i}") for i in (0, 1))
TOUCHED = Task(str(task_id(FIRST, ACTION, 0)), ACTION, "COMPLETED", "by its user")
WHOLE = GoalEvidence(
    goal_id="goal",
    seed=1,
    state="ACTIVE",
    lock=None,
    executions=(REPLACED, LAST),
    tasks=(*SAVED, TOUCHED, Task(USER_TASK, ACTION, "NOT_STARTED", "the user's own")),
    replies=(Reply("start", 202, "", FIRST), Reply("second start", 409, "CONFLICT", FIRST)),
    touched=(TOUCHED,),
    stranger=(Reply("status", 404), Reply("start", 503)),
)


def with_last(**changes: object) -> GoalEvidence:
    return replace(WHOLE, executions=(REPLACED, replace(LAST, **changes)))  # pyright: ignore[reportArgumentType]


def with_item(**changes: object) -> GoalEvidence:
    return with_last(items={ACTION: replace(ITEM, **changes)})  # pyright: ignore[reportArgumentType]


def test_a_whole_goal_breaks_nothing() -> None:
    assert broken(WHOLE, WHOLE) == []


def test_a_retry_of_what_has_not_failed_may_be_refused() -> None:
    assert broken(replace(WHOLE, replies=(Reply("retry", 409, "CONFLICT"),))) == []


def test_a_goal_without_any_execution_breaks_nothing() -> None:
    assert broken(GoalEvidence("goal", 1, "DRAFT", None, (), ())) == []


BROKEN: dict[str, tuple[str, GoalEvidence]] = {
    "two overlap": ("1 ", with_last(started_at=at(-12))),
    "an accepted id has no record": (
        "1 ",
        replace(WHOLE, replies=(Reply("start", 202, "", "another"),)),
    ),
    "a conflict names nobody": ("1 ", replace(WHOLE, replies=(Reply("start", 409, "CONFLICT"),))),
    "a lock is left": ("2 ", replace(WHOLE, lock=SECOND)),
    "the goal is left in process": ("2 ", replace(WHOLE, state="PROCESSING")),
    "a record is left open": ("2 ", with_last(status="RUNNING", stopped_at=None)),
    "an action is left open": (
        "2 ",
        replace(
            with_item(status="GENERATING", kept=None, task_count=0),
            executions=(
                replace(LAST, items={ACTION: replace(ITEM, status="GENERATING", kept=None)}),
            ),
            tasks=(TOUCHED,),
            replies=(),
        ),
    ),
    "Step Functions runs on": ("2 ", with_last(machine_status="RUNNING")),
    "tasks that were kept are not saved": ("3 ", with_item(status="FAILED")),
    "a saved task is lost": ("3 ", replace(WHOLE, tasks=WHOLE.tasks[1:])),
    "a cancelled execution has saved": (
        "3 ",
        with_last(status="ABORTED", error_code="CANCELLED"),
    ),
    "tasks of two executions": (
        "4 ",
        replace(
            WHOLE,
            tasks=(
                *WHOLE.tasks,
                Task(str(task_id(FIRST, ACTION, 1)), ACTION, "NOT_STARTED", "again"),
            ),
        ),
    ),
    "a task of nobody's": (
        "4 ",
        replace(WHOLE, tasks=(*WHOLE.tasks, Task(STRANGER_TASK, ACTION, "NOT_STARTED", "?"))),
    ),
    "a call after its result": (
        "4 ",
        with_last(
            items={ACTION: replace(ITEM, calls_started=2)},
            calls=(CALL, replace(CALL, began=at(2.2).timestamp())),
        ),
    ),
    "progress goes back": (
        "4 ",
        with_last(progress=(Progress("RUNNING", 1, 1), Progress("RUNNING", 0, 1))),
    ),
    "progress past the total": ("4 ", with_last(progress=(Progress("RUNNING", 2, 1),))),
    "running again": (
        "4 ",
        with_last(progress=(Progress("SUCCEEDED", 1, 1), Progress("RUNNING", 1, 1))),
    ),
    "a user's task is gone": (
        "6 ",
        replace(WHOLE, tasks=tuple(t for t in WHOLE.tasks if t != TOUCHED)),
    ),
    "a user's task is overwritten": (
        "6 ",
        replace(WHOLE, touched=(replace(TOUCHED, title="as the user wrote it"),)),
    ),
    "a stranger sees it": ("7 ", replace(WHOLE, stranger=(Reply("status", 200),))),
    "a stranger meets a conflict": ("7 ", replace(WHOLE, stranger=(Reply("start", 409),))),
    "its text is somewhere": ("8 ", replace(WHOLE, leaks=("Slack",))),
    "a call was not counted": ("9 ", with_item(calls_started=0, calls_ended=0)),
    "more ended than started": ("9 ", with_item(calls_ended=2)),
    "tokens that nobody used": (
        "9 ",
        with_last(items={ACTION: replace(ITEM, input_tokens=300)}, input_tokens=300),
    ),
    "tokens that were forgotten": (
        "9 ",
        with_last(items={ACTION: replace(ITEM, output_tokens=0)}, output_tokens=0),
    ),
    "a record with other tokens than its actions": ("9 ", with_last(input_tokens=99)),
    "announced twice": ("notifications", with_last(messages=2)),
}


@pytest.mark.parametrize(("name", "goal"), BROKEN.values(), ids=BROKEN)
def test_what_is_broken_is_named(name: str, goal: GoalEvidence) -> None:
    found = broken(goal, goal)

    assert found
    assert [each for each in found if not each.startswith(name)] == []


CHANGES: dict[str, Callable[[], GoalEvidence]] = {
    "the record's status": lambda: with_last(status="FAILED"),
    "an action's status": lambda: with_item(status="FAILED"),
    "the time of its end": lambda: with_last(stopped_at=at(6)),
    "the record is gone": lambda: replace(WHOLE, executions=(REPLACED,)),
    "a task was added": lambda: replace(
        WHOLE, tasks=(*WHOLE.tasks, Task(STRANGER_TASK, ACTION, "NOT_STARTED", "late"))
    ),
    "the goal's state": lambda: replace(WHOLE, state="PARTIAL"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whatever_changes_after_the_end_breaks_the_fence(
    change: Callable[[], GoalEvidence],
) -> None:
    assert any(each.startswith("5 fenced") for each in broken(change(), WHOLE))


def test_usage_that_comes_in_late_breaks_no_fence() -> None:
    late = replace(ITEM, input_tokens=120, calls_started=2, calls_ended=2)
    goal = with_last(
        items={ACTION: late}, input_tokens=120, calls=(CALL, replace(CALL, began=at(1).timestamp()))
    )
    assert not any(each.startswith("5 fenced") for each in broken(goal, WHOLE))


def test_accounting_is_judged_only_in_the_end() -> None:
    goal = with_last(input_tokens=99)

    assert broken(goal) == []
    assert broken(goal, goal) != []

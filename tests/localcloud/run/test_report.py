"""The report of an execution, at any width, with and without a terminal."""

import io
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from rich.cells import cell_len
from rich.console import Console

from handlers.contract.statuses import ActionStatus, ExecutionStatus
from localcloud.database.mandala import Mandala, PlacedAction
from localcloud.run.outcome import ExecutionOutcome
from localcloud.run.report import next_commands, print_report, shown_actions
from localcloud.run.snapshot import ActionItem, Snapshot
from localcloud.run.verify import SavedTask, Verified

START = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


def mandala(sub_goals: int = 8, actions: int = 8) -> Mandala:
    return Mandala(
        "g",
        "フルマラソンをサブ4で完走する[bold]",
        tuple(f"有酸素の土台を少しずつつくる{s}" for s in range(sub_goals)),
        tuple(
            PlacedAction(
                f"{s}-{a}",
                s,
                a,
                f"週末のロング走を[red]段階的に{s}{a}",
                "HABIT" if a % 2 else "EXECUTION",
            )
            for s in range(sub_goals)
            for a in range(actions)
        ),
    )  # fmt: skip


def outcome(goal: Mandala, *failed: str, problems: tuple[str, ...] = ()) -> ExecutionOutcome:
    """An execution of the goal in which these actions (by id) failed and each other got 3 tasks."""
    saved = ActionItem(ActionStatus.SAVED, 3, 1, 50, 25, "", "", START + timedelta(seconds=4))
    lost = ActionItem(
        ActionStatus.FAILED, 0, 1, 5, 0, "CONTENT_FILTERED", "stopReason [content]", START
    )
    items = {a.action_id: lost if a.action_id in failed else saved for a in goal.actions}
    tasks = {
        a.action_id: []
        if a.action_id in failed
        else [
            SavedTask(UUID(int=n), a.action_id, f"題[{n}]", "説明を最後まで読める" * 8, a.type, 45)
            for n in range(3)
        ]
        for a in goal.actions
    }
    status = ExecutionStatus.PARTIALLY_SUCCEEDED if failed else ExecutionStatus.SUCCEEDED
    stopped_at = START + timedelta(seconds=12.5)
    snapshot = Snapshot(status, START, stopped_at, 183, 60_000, 30_000, Decimal("0.0063"), items)
    return ExecutionOutcome(
        "0199-e",
        goal,
        snapshot,
        Verified(tasks, 2, "PARTIAL" if failed else "ACTIVE", problems),
        transitions=82,
        largest_state_bytes=4200,
        command_started_at=START - timedelta(seconds=3),
    )


def printed(subject: ExecutionOutcome, width: int = 80) -> str:
    console = Console(width=width, file=io.StringIO(), highlight=False)
    print_report(console, subject)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def grid_lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith(("╭", "│", "╰"))]


@pytest.mark.parametrize("width", [80, 100, 160])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    lines = printed(outcome(mandala(), "0-0", "7-7"), width).splitlines()

    assert max(map(cell_len, lines)) <= width


def test_without_a_terminal_there_are_no_control_codes() -> None:
    text = printed(outcome(mandala(), "0-0"))

    assert re.findall(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", text) == []


def test_the_lines_of_the_grid_have_the_same_width() -> None:
    lines = [
        line
        for line in printed(outcome(mandala())).splitlines()
        if line.startswith(("╭", "│", "╰"))
    ]

    assert len(lines) == 15
    assert {cell_len(line) for line in lines} == {80}
    assert {len(re.findall("[╭│╰╮╯]", line)) for line in lines} == {6}


def test_the_grid_shows_each_action_and_each_sub_goal() -> None:
    text = printed(outcome(mandala(), "0-0", "4-3", "4-4"))
    grid = "".join(grid_lines(text))

    assert grid.count("✓ 3") == 61
    assert grid.count("✗") == 3
    assert "61/64" in grid
    assert grid.count("8/8") == 6
    assert "7/8" in grid
    assert "6/8" in grid
    assert grid.count("有酸素の土台") == 8
    assert "…" in grid


def test_the_goal_is_in_the_middle_of_the_sub_goals() -> None:
    text = printed(outcome(mandala()), 160)
    top, middle, bottom = (line for line in text.splitlines() if line.startswith("╭"))

    assert [n for n in range(1, 9) if f" {n} 有" in top] == [1, 2, 3]
    assert [n for n in range(1, 9) if f" {n} 有" in middle] == [4, 5]
    assert "フルマラソン" in middle
    assert [n for n in range(1, 9) if f" {n} 有" in bottom] == [6, 7, 8]


def test_a_smaller_goal_leaves_places_empty() -> None:
    text = printed(outcome(mandala(sub_goals=2, actions=3)))

    assert text.count("3/3") == 2
    assert "6/6" in text
    assert text.count("✓ 3") == 6


def test_failed_actions_are_listed_with_their_errors() -> None:
    text = printed(outcome(mandala(), "4-3"), 120)

    assert re.search(r"5-4 +週末のロング走を\[red\]段階的に43 +CONTENT_FILTERED +stopReason", text)
    assert "63 of 64 actions, 189 tasks" in text


def test_without_failures_no_list_of_failures_is_printed() -> None:
    assert "Failed actions" not in printed(outcome(mandala()))


def test_some_tasks_are_shown_in_full() -> None:
    subject = outcome(mandala(), "0-0")
    text = printed(subject)

    shown = shown_actions(subject)
    assert [action.place for action in shown] == ["1-3", "1-2", "8-8"]
    assert {action.type for action in shown} == {"EXECUTION", "HABIT"}
    for action in shown:
        assert f"{action.place} {action.title}" in text
    for number in range(3):
        assert text.count(f"題[{number}]") == 3
    assert re.sub(r"\s", "", text).count("説明を最後まで読める" * 8) == 9
    assert text.count("45 min") == 9


def test_without_tasks_none_are_shown() -> None:
    goal = mandala(1, 1)

    assert "Some of the tasks" not in printed(outcome(goal, "0-0"))


def test_problems_in_postgresql_are_shown_and_set_the_exit_code() -> None:
    subject = outcome(mandala(), problems=tuple(f"problem {n}" for n in range(12)))

    text = printed(subject)
    assert "✗ problem 9" in text
    assert "... and 2 more" in text
    assert "as in the execution's record" not in text
    assert subject.exit_code == 1


def test_the_report_has_figures_and_next_commands() -> None:
    text = printed(outcome(mandala()), 100)

    for essential in (
        "SUCCEEDED",
        "192 tasks of 64 actions, as in the execution's record",
        "2 tasks that a user started",
        "goal state ACTIVE",
        "12.5 s",
        "7.0 s after this command began",
        "60,000 in, 30,000 out",
        "0.006300 USD",
        "82 (1.28 an action)",
        "4.2 kB",
        "make down",
    ):
        assert essential in text


def test_the_summary_has_exactly_the_documented_keys() -> None:
    assert outcome(mandala(), "4-3", "0-0").summary() == {
        "status": "PARTIALLY_SUCCEEDED",
        "executionId": "0199-e",
        "totalActions": 64,
        "succeededActions": 62,
        "failedActions": ["0-0", "4-3"],
        "tasks": 186,
        "seconds": 12.5,
        "firstTaskSeconds": 7.0,
        "transitions": 82,
        "largestStateBytes": 4200,
        "inputTokens": 60_000,
        "outputTokens": 30_000,
        "costUsd": 0.0063,
    }


@pytest.mark.parametrize(
    ("status", "exit_code"),
    [
        (ExecutionStatus.SUCCEEDED, 0),
        (ExecutionStatus.PARTIALLY_SUCCEEDED, 0),
        (ExecutionStatus.FAILED, 1),
        (ExecutionStatus.TIMED_OUT, 1),
        (ExecutionStatus.ABORTED, 1),
    ],
)
def test_the_exit_code_is_0_only_for_success(status: ExecutionStatus, exit_code: int) -> None:
    subject = outcome(mandala())

    ended = replace(subject, snapshot=replace(subject.snapshot, status=status))
    assert ended.exit_code == exit_code


def test_an_execution_without_tasks_has_no_time_to_first_tasks() -> None:
    failed = outcome(mandala(1, 1), "0-0")

    assert failed.summary()["firstTaskSeconds"] is None
    assert "first tasks" not in printed(failed)


def test_commands_to_copy_are_not_wrapped() -> None:
    id_ = "01a226ed-4a15-701a-a546-f789345d6dd0"
    subject = replace(outcome(mandala(), "0-0"), execution_id=id_)
    text = printed(subject, 60)

    for command, _ in next_commands(subject):
        assert f"  {command}\n" in text


def test_what_failed_can_be_retried_and_is_not_offered_again() -> None:
    failed = " ".join(command for command, _ in next_commands(outcome(mandala(), "0-0")))
    good = " ".join(command for command, _ in next_commands(outcome(mandala())))

    assert "ops executions retry 0199-e --local" in failed
    assert "--fail" not in failed
    assert "--fail 3" in good
    assert "retry" not in good
    for command in ("ops trace 0199-e", "ops query --local", "localcloud alarms"):
        assert command in failed
        assert command in good


def test_one_is_singular() -> None:
    text = printed(outcome(mandala(1, 1)))

    assert "1 of 1 action, 3 tasks" in text
    assert "3 tasks of 1 action," in text

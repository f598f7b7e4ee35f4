"""The bar of actions, on a terminal and without one."""

import io
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from rich.console import Console

from handlers.contract.statuses import ActionStatus, ExecutionStatus
from localcloud.run import progress_bar
from localcloud.run.progress_bar import ActionsBar
from localcloud.run.snapshot import ActionItem, Snapshot

NOW = datetime(2026, 11, 24, tzinfo=UTC)
ITEM = ActionItem(ActionStatus.GENERATING, 0, 1, 3, 4, "", "", None)
SNAPSHOT = Snapshot(
    ExecutionStatus.RUNNING, NOW, None, 0, 0, 0, Decimal(0),
    {"a": ITEM, "b": replace(ITEM, status=ActionStatus.SAVED)},
)  # fmt: skip


def output(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.fixture
def plain() -> Console:
    return Console(width=80, file=io.StringIO(), highlight=False)


@pytest.fixture
def terminal() -> Console:
    return Console(width=80, file=io.StringIO(), highlight=False, force_terminal=True)


def test_on_a_terminal_the_bar_is_erased_at_the_end(terminal: Console) -> None:
    with ActionsBar(terminal, total=2) as bar:
        bar.show(SNAPSHOT)

    text = output(terminal)
    assert "1/2 done, 0 failed, 1 in flight, 14 tokens" in text
    assert text.endswith("\x1b[2K")


def test_without_a_terminal_a_line_is_printed_every_few_seconds(
    plain: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress_bar, "_SECONDS_BETWEEN_LINES", 0.0)
    with ActionsBar(plain, total=2) as bar:
        bar.show(SNAPSHOT)
        bar.show(SNAPSHOT)

    lines = output(plain).splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("    1/2 done, 0 failed, 1 in flight, 14 tokens, ETA")
    assert "\x1b" not in output(plain)


def test_without_a_terminal_most_snapshots_print_no_line(plain: Console) -> None:
    with ActionsBar(plain, total=2) as bar:
        for _ in range(100):
            bar.show(SNAPSHOT)

    assert output(plain) == ""

"""Steps with their times, and a live bar of the actions; plain lines without a terminal."""

import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn
from rich.text import Text

from localcloud.run.snapshot import Snapshot, seconds_left

_SECONDS_BETWEEN_LINES = 5.0


def make_console(*, as_json: bool) -> Console:
    """Where a person reads: standard output, unless that is a script's."""
    return Console(stderr=as_json, highlight=False)


@dataclass
class Step:
    """A step that is being taken; its text may become more exact on the way."""

    text: str


class Steps:
    """Numbered steps, one line each when it is done."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._number = 0

    @contextmanager
    def step(self, text: str) -> Generator[Step]:
        """Take a step; its line tells how long it took, or that it failed."""
        self._number += 1
        step = Step(text)
        began = time.monotonic()
        mark, style = "✗", "bold red"
        try:
            yield step
            mark, style = "✓", "green"
        finally:
            seconds = f"  {time.monotonic() - began:.1f} s"
            line = Text.assemble((mark, style), f" {self._number} {step.text}")
            line.truncate(self.console.width - len(seconds), overflow="ellipsis")
            line.append(seconds, "dim")
            self.console.print(line)


class ActionsBar:
    """Actions done, failed and in flight, tokens and the time left."""

    def __init__(self, console: Console, total: int) -> None:
        self._console = console
        self._total = total
        self._began = time.monotonic()
        self._said = self._began
        self._progress = Progress(
            SpinnerColumn(),
            BarColumn(bar_width=None),
            TextColumn("{task.description}", markup=False),
            console=console,
            transient=True,
            expand=True,
            disable=not console.is_interactive,
        )
        self._task = self._progress.add_task("", total=total)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def show(self, snapshot: Snapshot) -> None:
        """Bring the bar up to date, or say a line now and then."""
        now = time.monotonic()
        text = progress_text(snapshot, self._total, now - self._began)
        self._progress.update(
            self._task, completed=snapshot.kept + snapshot.failed, description=text
        )
        if self._progress.disable and now - self._said >= _SECONDS_BETWEEN_LINES:
            self._said = now
            self._console.print(Text(f"    {text}"))


def progress_text(snapshot: Snapshot, total: int, elapsed: float) -> str:
    """How far an execution is, `elapsed` seconds after its start."""
    left = seconds_left(elapsed, snapshot.kept + snapshot.failed, total)
    parts = [
        f"{snapshot.kept}/{total} done",
        f"{snapshot.failed} failed",
        f"{snapshot.in_flight} in flight",
        f"{snapshot.tokens:,} tokens",
        "ETA ..." if left is None else f"ETA {left:.0f} s",
    ]
    return ", ".join(parts)

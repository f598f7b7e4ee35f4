"""Steps with their times, and a live bar of the actions; plain lines without a terminal."""

import time
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn
from rich.text import Text

from localcloud.run.snapshot import Snapshot, seconds_left

_SECONDS_BETWEEN_LINES = 5.0


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

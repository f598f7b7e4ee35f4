"""The live progress of the actions: a bar on a terminal, otherwise plain lines."""

import time
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn
from rich.text import Text

from localcloud.run.snapshot import Snapshot, seconds_left

_SECONDS_BETWEEN_LINES = 5.0


class ActionsBar:
    """Shows the actions done, failed and in flight, the tokens and the time left."""

    def __init__(self, console: Console, total: int) -> None:
        self._console = console
        self._total = total
        self._began = time.monotonic()
        self._printed_at = self._began
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
        """Update the bar; without a terminal print a line every few seconds."""
        now = time.monotonic()
        text = progress_text(snapshot, self._total, now - self._began)
        self._progress.update(
            self._task, completed=snapshot.kept + snapshot.failed, description=text
        )
        if self._progress.disable and now - self._printed_at >= _SECONDS_BETWEEN_LINES:
            self._printed_at = now
            self._console.print(Text(f"    {text}"))


def progress_text(snapshot: Snapshot, total: int, elapsed: float) -> str:
    """The progress of an execution `elapsed` seconds after its start."""
    left = seconds_left(elapsed, snapshot.kept + snapshot.failed, total)
    parts = [
        f"{snapshot.kept}/{total} done",
        f"{snapshot.failed} failed",
        f"{snapshot.in_flight} in flight",
        f"{snapshot.tokens:,} tokens",
        "ETA ..." if left is None else f"ETA {left:.0f} s",
    ]
    return ", ".join(parts)

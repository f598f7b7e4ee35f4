"""The steps of a command, one line each with its time."""

import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text


def make_console(*, as_json: bool) -> Console:
    """A console on standard output; on standard error if the output is JSON for a script."""
    return Console(stderr=as_json, highlight=False)


@dataclass
class RunningStep:
    """A step in progress; its text may be made more exact before it ends."""

    text: str


class Steps:
    """Numbered steps; each prints one line when it ends."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._number = 0

    @contextmanager
    def step(self, text: str) -> Generator[RunningStep]:
        """Run a step; its line shows how long it took, and whether it failed."""
        self._number += 1
        step = RunningStep(text)
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

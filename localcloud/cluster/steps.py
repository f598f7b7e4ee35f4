"""The steps of a command, one line each with its time."""

import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text


def make_console(*, as_json: bool) -> Console:
    """Where a person reads: standard output, unless that is a script's."""
    return Console(stderr=as_json, highlight=False)


@dataclass
class RunningStep:
    """A step that is being taken; its text may become more exact on the way."""

    text: str


class Steps:
    """Numbered steps, one line each when it is done."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._number = 0

    @contextmanager
    def step(self, text: str) -> Generator[RunningStep]:
        """Take a step; its line tells how long it took, or that it failed."""
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

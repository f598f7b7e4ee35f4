"""A virtual clock and the processes that wait for it: one runs at a time, in an order that repeats.

Processes are greenlets, so that the handlers and the interpreter run as they are, without threads:
whoever waits lets the others run until its time has come.
"""

import heapq
from collections.abc import Callable
from contextvars import copy_context
from itertools import count
from typing import Any

from greenlet import getcurrent, greenlet

EPOCH = 1_800_000_000.0
"""The simulation's beginning, in epoch seconds: 2027-01-15."""


class Killed(BaseException):
    """The process has been killed: no code of its own catches this."""


class Process(greenlet):
    """Some work that waits in virtual time.

    invocation: the function's invocation that it works for; None outside of one.
    """

    def __init__(self, work: Callable[[], object], parent: greenlet, invocation: Any) -> None:
        super().__init__(work, parent)
        self.gr_context = copy_context()
        self.invocation = invocation
        self.killed = False
        self.turn = 0


class Scheduler:
    """The clock, in seconds since the simulation's beginning, and what waits for it.

    is_stopped: nothing goes on any more.
    """

    def __init__(self) -> None:
        self.now = 0.0
        self.is_stopped = False
        self._waiting: list[tuple[float, int, Process, int]] = []
        self._order = count()
        self._main = getcurrent()

    def start(
        self, work: Callable[[], object], delay: float = 0, invocation: Any = None
    ) -> Process:
        """Start a process, after `delay` seconds."""
        process = Process(work, self._main, invocation)
        self._wake(process, self.now + delay)
        return process

    def run(self, until: float) -> None:
        """Let all processes run until this time, or until none waits any more."""
        waiting = self._waiting
        while waiting and waiting[0][0] <= until and not self.is_stopped:
            at, _, process, turn = heapq.heappop(waiting)
            if process.turn == turn and not process.dead:
                self.now = max(self.now, at)
                process.turn += 1
                process.switch()
        self.now = max(self.now, until)

    def sleep(self, seconds: float) -> None:
        """Let the others run for some seconds; raises Killed."""
        process = current()
        if process.killed:
            raise Killed
        self._wake(process, self.now + seconds)
        self._main.switch()
        if process.killed:
            raise Killed

    def park(self, until: float | None) -> None:
        """Wait until woken, or until a time; raises Killed."""
        process = current()
        if until is not None:
            self._wake(process, until)
        self._main.switch()
        if process.killed:
            raise Killed

    def wake(self, process: Process) -> None:
        """Let a process that waits go on now."""
        self._wake(process, self.now)

    def kill(self, process: Process) -> None:
        """Let a process end where it waits, without another step."""
        process.killed = True
        self._wake(process, self.now)

    def _wake(self, process: Process, at: float) -> None:
        heapq.heappush(self._waiting, (at, next(self._order), process, process.turn))


class Condition:
    """threading.Condition for processes."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._waiting: list[Process] = []

    def __enter__(self) -> "Condition":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def wait_for(self, holds: Callable[[], bool], timeout: float | None = None) -> bool:
        """Wait until the predicate holds; whether it does when the time-out has passed."""
        until = None if timeout is None else self._scheduler.now + timeout
        while not holds():
            if until is not None and self._scheduler.now >= until:
                return False
            process = current()
            self._waiting.append(process)
            try:
                self._scheduler.park(until)
            finally:
                if process in self._waiting:
                    self._waiting.remove(process)
        return True

    def notify_all(self) -> None:
        """Let everybody look at the predicate again."""
        for process in self._waiting:
            self._scheduler.wake(process)
        self._waiting = []


def current() -> Process:
    """The process that runs."""
    process = getcurrent()
    assert isinstance(process, Process)  # noqa: S101 - nothing else waits
    return process

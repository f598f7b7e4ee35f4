"""How the lines of executions run at once, and wait: in threads, unless a simulation says how."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from typing import Any

Work = Callable[[], None]


@dataclass(frozen=True)
class Scheduling:
    """What executions need of whoever schedules them.

    start: runs some work beside the caller's, in a copy of its context. run_all: runs several at
    once, and returns when they have ended. condition: makes a threading.Condition, or its like.
    """

    start: Callable[[Work], None]
    run_all: Callable[[Sequence[Work]], None]
    condition: Callable[[], Any]


def _start(work: Work) -> None:
    threading.Thread(target=copy_context().run, args=(work,), daemon=True).start()


def _run_all(works: Sequence[Work]) -> None:
    if not works:
        return
    with ThreadPoolExecutor(len(works)) as pool:
        running = [pool.submit(copy_context().run, work) for work in works]
    for each in running:
        each.result()


THREADS = Scheduling(_start, _run_all, threading.Condition)

_present = THREADS


def present() -> Scheduling:
    """The scheduling of this process."""
    return _present


def use(scheduling: Scheduling) -> None:
    """Schedule this process's executions otherwise, from now on."""
    global _present  # noqa: PLW0603 - one for the process, as threads are
    _present = scheduling

"""What can end while it runs: an execution, a Map, an iteration. Who waits in it wakes and ends."""

import threading
from collections.abc import Callable, Generator
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, field
from typing import Any

from localcloud.aws.ministack import ExecutionError, Json


@dataclass(eq=False)
class Scope:
    """One line of a running execution.

    execution: MiniStack's record of it.
    role_arn: the machine's role, which every task acts as.
    last_event_id: where this line stands in the history.
    map_name: the Map whose iterations branch off this scope, if it is one of those.
    failure: the error that ended it, if one did; the first one wins.
    """

    execution: Json
    role_arn: str
    last_event_id: int = 0
    map_name: str = ""
    ended: bool = False
    failure: Exception | None = None
    _children: list["Scope"] = field(default_factory=list["Scope"])
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def branch(self, map_name: str = "") -> "Scope":
        """A scope that ends with this one, and may end before it."""
        child = Scope(self.execution, self.role_arn, self.last_event_id, map_name)
        with self._changed:
            self._children.append(child)
            child.ended = self.ended
        return child

    def end(self, failure: Exception | None = None) -> None:
        """End this line and all that branched off it."""
        with self._changed:
            if not self.ended:
                self.failure = failure
            self.ended = True
            children = list(self._children)
            self._changed.notify_all()
        for child in children:
            child.end()

    def check(self) -> None:
        """Raise if this line has ended: nothing new may begin."""
        if self.ended:
            raise ExecutionError("Ended", "What this belonged to has ended")

    def sleep(self, seconds: float) -> None:
        """Sleep; raise as soon as the line ends."""
        with self._changed:
            self._changed.wait_for(lambda: self.ended, seconds)
        self.check()

    def run(self, call: Callable[[], Any], timeout_seconds: float | None) -> Any:
        """The result of `call`; raise when the line ends or time is up.

        The call itself goes on: as on AWS, a stopped execution does not stop a function that runs.
        """
        outcome: Future[Any] = Future()

        def work() -> None:
            try:
                outcome.set_result(call())
            except Exception as error:
                outcome.set_exception(error)
            with self._changed:
                self._changed.notify_all()

        self.check()
        threading.Thread(target=copy_context().run, args=(work,), daemon=True).start()
        with self._changed:
            self._changed.wait_for(lambda: self.ended or outcome.done(), timeout_seconds)
        self.check()
        if not outcome.done():
            raise ExecutionError("States.Timeout", "")
        return outcome.result()


# MiniStack copies the context into every thread that it starts for an execution.
_current: ContextVar[Scope | None] = ContextVar("scope", default=None)


def current() -> Scope | None:
    """The scope that this thread works for; None outside an execution (the TestState API)."""
    return _current.get()


@contextmanager
def entered(scope: Scope) -> Generator[Scope]:
    """Work for a scope."""
    token = _current.set(scope)
    try:
        yield scope
    finally:
        _current.reset(token)

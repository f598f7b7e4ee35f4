"""What can end while it runs: an execution, a Map, an iteration. Who waits in it wakes and ends."""

from collections.abc import Callable, Generator
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from localcloud.aws.executions import scheduling
from localcloud.aws.ministack import ExecutionError, Json


class LineEndedError(Exception):
    """What this line belonged to has ended: nothing retries or catches that."""


@dataclass(eq=False)
class Scope:
    """One line of a running execution.

    execution: MiniStack's record of it.
    role_arn: the machine's role, which every task acts as.
    last_event_id: where this line stands in the history.
    ended_at: the event at which the latest iteration on this line ended, if it runs some.
    failure: the error that ended it, if one did; the first one wins.
    """

    execution: Json
    role_arn: str
    last_event_id: int = 0
    ended_at: int = 0
    ended: bool = False
    failure: Exception | None = None
    _children: list["Scope"] = field(default_factory=list["Scope"])
    _changed: Any = field(default_factory=lambda: scheduling.present().condition())

    def branch(self) -> "Scope":
        """A scope that ends with this one, and may end before it."""
        return self._related(Scope(self.execution, self.role_arn, self.last_event_id))

    def child(self, execution: Json) -> "Scope":
        """The scope of a child execution, which ends with this one and has its own history."""
        return self._related(Scope(execution, self.role_arn))

    def end(self, failure: Exception | None = None) -> bool:
        """End this line and all that branched off it; whether it had not ended before."""
        with self._changed:
            is_first = not self.ended
            if is_first:
                self.failure = failure
            self.ended = True
            children = list(self._children)
            self._changed.notify_all()
        for child in children:
            child.end()
        return is_first

    def _related(self, other: "Scope") -> "Scope":
        with self._changed:
            self._children.append(other)
            other.ended = self.ended
        return other

    def check(self) -> None:
        """Raise LineEndedError if this line has ended: nothing new may begin."""
        if self.ended:
            raise LineEndedError

    def sleep(self, seconds: float) -> None:
        """Sleep; raise LineEndedError as soon as the line ends."""
        with self._changed:
            self._changed.wait_for(lambda: self.ended, seconds)
        self.check()

    def run(self, call: Callable[[], Any], timeout_seconds: float | None) -> Any:
        """The result of `call`; raise LineEndedError, or States.Timeout when time is up.

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
        scheduling.present().start(work)
        with self._changed:
            self._changed.wait_for(lambda: self.ended or outcome.done(), timeout_seconds)
        self.check()
        if not outcome.done():
            # recorded: a time-out has no cause
            raise ExecutionError("States.Timeout", None)
        return outcome.result()


_current: ContextVar[Scope] = ContextVar("scope")


def current() -> Scope:
    """The scope that this thread works for; LookupError outside an execution."""
    return _current.get()


@contextmanager
def entered(scope: Scope) -> Generator[Scope]:
    """Work for a scope."""
    token = _current.set(scope)
    try:
        yield scope
    finally:
        _current.reset(token)

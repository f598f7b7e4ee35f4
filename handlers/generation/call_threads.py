"""Calls of the model, each in a thread of its own."""

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue

from handlers.generation.model import ModelReply
from handlers.generation.race import EndedCall
from handlers.observability.telemetry import Telemetry


class CallThreads:
    """Makes the same call several times at once.

    No call can be cancelled: one that has lost ends when the function has returned, or, since
    Lambda freezes the sandbox, in the middle of another invocation. So a thread makes its call and
    hands over how that ended, and does nothing else: it writes no log, no metric, no trace and no
    item. What nobody takes any more is dropped with this object.
    """

    def __init__(self, ask: Callable[[], ModelReply], telemetry: Telemetry) -> None:
        self._ask = ask
        self._telemetry = telemetry
        self._ended = SimpleQueue[EndedCall]()

    def start(self, number: int) -> None:
        """Make a call; it returns at once."""
        name = f"model-call-{number}"
        threading.Thread(target=self._run, args=(number,), name=name, daemon=True).start()

    def next_ended(self, seconds: float | None) -> EndedCall | None:
        """The next call that ends, or None if none does in this time."""
        try:
            return self._ended.get(timeout=seconds)
        except Empty:
            return None

    def _run(self, number: int) -> None:
        self._telemetry.leave_out_this_thread()
        try:
            outcome: ModelReply | Exception = self._ask()
        except Exception as error:
            outcome = error
        self._ended.put(EndedCall(number, outcome))

"""What a function printed, whole, with the invocation that printed it.

MiniStack waits a few milliseconds for lines that a thread of its own brings; on a busy machine they
come later, with another invocation or never. But whatever a function printed is in its pipe before
it answers: so the pipe itself is read once more.
"""

import os
import queue
import select
import threading
from contextlib import suppress
from typing import Any

_READ_BYTES = 65536


class Output:
    """The pipe of one process, as lines in a queue; two threads may read it in turn."""

    def __init__(self, descriptor: int, lines: "queue.Queue[str]") -> None:
        os.set_blocking(descriptor, False)
        self._descriptor = descriptor
        self._lines = lines
        self._begun = b""
        self._ended = False
        self._reading = threading.Lock()

    def read(self) -> bool:
        """Take what is there by now; False once the process has closed its end."""
        with self._reading:
            while not self._ended:
                try:
                    data = os.read(self._descriptor, _READ_BYTES)
                except BlockingIOError:
                    return True
                self._take(data)
            return False

    def wait(self) -> None:
        """Until there is something to read."""
        poll = select.poll()
        poll.register(self._descriptor, select.POLLIN)
        poll.poll()

    def _take(self, data: bytes) -> None:
        *whole, self._begun = (self._begun + data).split(b"\n")
        if not data:
            self._ended = True
            whole, self._begun = ([self._begun] if self._begun else []), b""
        for line in whole:
            with suppress(queue.Empty):
                if self._lines.full():  # as MiniStack does: the oldest goes
                    self._lines.get_nowait()
            self._lines.put_nowait(line.decode(errors="replace").rstrip("\r"))


def pump(worker: Any, stream: Any, lines: "queue.Queue[str]") -> None:
    """Read for as long as the process lives (replaces `ProvidedWorker._pump_output`)."""
    with stream:
        worker.output = Output(stream.fileno(), lines)
        while worker.output.read():
            worker.output.wait()


def drain(worker: Any, **_patience: float) -> str:
    """All that was printed up to now (replaces `_drain_stderr_bounded`); waits for nothing."""
    output: Output | None = getattr(worker, "output", None)
    if output:
        output.read()
    return worker._drain_stderr()

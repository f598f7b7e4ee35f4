"""Virtual time: processes are generators that yield how many seconds they sleep."""

import heapq
from collections.abc import Generator
from itertools import count

Process = Generator[float, None, None]


class Clock:
    """Runs processes in the order of their times; of the same time, in the order of their start."""

    def __init__(self) -> None:
        self.now = 0.0
        self._order = count()
        self._asleep: list[tuple[float, int, Process]] = []

    def start(self, process: Process, at: float | None = None) -> None:
        """Let a process begin, by default now."""
        heapq.heappush(self._asleep, (self.now if at is None else at, next(self._order), process))

    def run(self) -> None:
        """Run until no process is left."""
        while self._asleep:
            self.now, _, process = heapq.heappop(self._asleep)
            for seconds in process:
                heapq.heappush(self._asleep, (self.now + seconds, next(self._order), process))
                break

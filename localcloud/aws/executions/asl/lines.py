"""Lines of states that run side by side: branches of a Parallel, iterations of a Map.

Specification: when one fails and nothing catches it, the whole fails at once and the others end.
"""

from collections.abc import Callable, Iterator, Sequence
from threading import Lock
from typing import Any

from localcloud.aws.executions import scheduling
from localcloud.aws.executions.scopes import LineEndedError, Scope, current, entered

Work = Callable[[Scope], Any]
"""One line's work, done in a scope of its own."""


def run_side_by_side(works: Sequence[Work], at_once: int) -> list[Any]:
    """The results in the order of the works, of which `at_once` run at a time.

    The scope of this thread goes on from the event at which the last of them ended, or from that
    at which the first one failed. Raises what that one raised.
    """
    scope = current()
    group = scope.branch()
    ended_at: list[int] = []
    lock = Lock()
    waiting: Iterator[tuple[int, Work]] = iter(enumerate(works))
    results: list[Any] = [None] * len(works)

    def worker() -> None:
        # events of the next iteration follow those of the one whose place it takes
        line = group.branch()
        with entered(line):
            while True:
                with lock:
                    following = next(waiting, None)
                if following is None:
                    return
                number, work = following
                try:
                    line.check()
                    results[number] = work(line)
                except LineEndedError:
                    return
                except Exception as error:
                    if group.end(error):
                        scope.last_event_id = line.last_event_id
                    return
                ended_at.append(line.ended_at or line.last_event_id)

    scheduling.present().run_all([worker] * min(at_once, len(works)))
    scope.check()
    if group.failure is not None:
        raise group.failure
    scope.last_event_id = max([scope.last_event_id, *ended_at])
    return results

"""The tasks of a recorded execution: each answers, or fails, as its history says it did."""

import json
from itertools import zip_longest
from threading import Lock
from typing import Any

from localcloud.aws.executions.history import PAYLOAD_LIMIT_BYTES
from localcloud.aws.executions.scopes import current
from localcloud.aws.executions.tasks import Task
from localcloud.aws.ministack import ExecutionError
from tests.localcloud.aws.recorded.comparison import same
from tests.localcloud.aws.recorded.definitions import Json, details, payload

_FOR_EVER_SECONDS = 10_000
_ENDS = ("Succeeded", "Failed", "TimedOut")


class Answers:
    """The answers that are left of one recording."""

    def __init__(self, history: list[Json]) -> None:
        self._lock = Lock()
        self._left = list(_pairs(history))

    def perform(self, task: Task) -> Any:
        """Do a task's work (in the place of `tasks.perform`).

        A task that no history shows, such as a Map Run's, returns what it is given; one that the
        history does not see end never answers.
        """
        with self._lock:
            if not self._left:
                return task.arguments
            fits = (n for n, (asked, _) in enumerate(self._left) if same(asked, task.arguments))
            _, end = self._left.pop(next(fits, 0))
        if end is None:
            return current().sleep(_FOR_EVER_SECONDS)
        outcome = details(end)
        if end["type"].endswith("Succeeded"):
            return payload(outcome["output"])
        if outcome["error"] == "States.DataLimitExceeded":
            return "x" * PAYLOAD_LIMIT_BYTES
        cause = outcome.get("cause")
        raise ExecutionError(
            outcome["error"],
            cause if cause is None or isinstance(cause, str) else json.dumps(cause),
        )


def _pairs(history: list[Json]) -> list[tuple[Any, Json | None]]:
    """What each attempt asked for, and the event that ended it; None if nothing did."""
    asked = [event for event in history if event["type"].endswith("Scheduled")]
    ended = [event for event in history if _ends_a_task(event["type"])]
    return [
        (payload(details(event).get("parameters", details(event).get("input"))), end)
        for event, end in zip_longest(asked, ended)
    ]


def _ends_a_task(event_type: str) -> bool:
    return event_type.startswith(("Task", "LambdaFunction", "Activity")) and event_type.endswith(
        _ENDS
    )

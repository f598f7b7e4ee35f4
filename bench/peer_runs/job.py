"""The work that each peer orchestrates: ask the model about an action, check it, save a batch.

A peer imports this in its own environment: pydantic (for the product's checks), psycopg and the
standard library only.
"""

import json
import os
import signal
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from handlers.generation.answer import read_tasks
from handlers.generation.errors import GenerationError
from handlers.generation.rules import RULES
from handlers.storage.models import ActionType

JOB_VARIABLE = "GOAL_MANDALA_PEER_JOB"
AT_ONCE, BATCH_SIZE = 24, 8
ATTEMPTS, FIRST_PAUSE_SECONDS = 4, 1.0
CALL_SECONDS = 60

INSERT_TASK = """
    INSERT INTO tasks (id, "actionId", title, description, type, "estimatedMinutes", "updatedAt")
    VALUES (%(id)s, %(action)s, %(title)s, %(description)s, %(type)s, %(minutes)s, now())
"""

_PASSING = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.FAILED_DEPENDENCY)

Tasks = list[dict[str, Any]]


class ModelBusyError(Exception):
    """The call may succeed later: retry it."""


class ModelRefusedError(Exception):
    """The action fails for good; the others go on."""


@dataclass(frozen=True)
class Action:
    """An action, and the request of Converse that the product makes of it."""

    id: str
    type: ActionType
    request: Mapping[str, Any]


@dataclass(frozen=True)
class Job:
    """One run of a peer.

    run: names the run; the same run started again resumes it.
    converse_url: of the model. database_url: of the product. state_url: a database of the peer's.
    servers: addresses of the peer's own server and of its worker, by what they are for.
    folder: for its files.
    dies_after_save: whether the process kills itself, once, after its first batch is saved.
    """

    run: str
    converse_url: str
    database_url: str
    state_url: str
    servers: Mapping[str, str]
    folder: str
    dies_after_save: bool
    actions: Sequence[Action]

    def write(self, path: Path) -> None:
        """For the peer's process."""
        path.write_text(json.dumps(asdict(self), ensure_ascii=False))


def load_job() -> Job:
    """The job that the environment names."""
    found = json.loads(Path(os.environ[JOB_VARIABLE]).read_text())
    actions = [Action(**action) for action in found.pop("actions")]
    return Job(**found, actions=actions)


def generate(job: Job, action: Action) -> Tasks:
    """Ask once. Raises ModelBusyError or ModelRefusedError."""
    request = urllib.request.Request(  # noqa: S310 - the bench's own URL
        job.converse_url,
        json.dumps(action.request).encode(),
        {"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=CALL_SECONDS) as reply:  # noqa: S310
            answer = json.load(reply)
    except urllib.error.HTTPError as error:
        passing = error.code in _PASSING or error.code >= HTTPStatus.INTERNAL_SERVER_ERROR
        raise (ModelBusyError if passing else ModelRefusedError)(f"HTTP {error.code}") from None
    except OSError as error:
        raise ModelBusyError(type(error).__name__) from None
    try:
        read = read_tasks(
            answer["stopReason"], answer["output"]["message"]["content"], RULES[action.type]
        )
    except GenerationError as error:
        raise ModelRefusedError(type(error).__name__) from None
    return [asdict(task) for task in read.tasks]


def batches(results: Mapping[str, Tasks]) -> Iterator[dict[str, Tasks]]:
    """Eight actions each, in their order."""
    ids = list(results)
    for start in range(0, len(ids), BATCH_SIZE):
        yield {each: results[each] for each in ids[start : start + BATCH_SIZE]}


def rows(batch: Mapping[str, Tasks]) -> list[dict[str, Any]]:
    """Rows of `tasks`, for INSERT_TASK; ids are random, as an application's usually are."""
    return [
        {
            "id": str(uuid.uuid4()),
            "action": action_id,
            "title": task["title"],
            "description": task["description"],
            "type": task["type"],
            "minutes": task["estimated_minutes"],
        }
        for action_id, tasks in batch.items()
        for task in tasks
    ]


def save(job: Job, batch: Mapping[str, Tasks]) -> None:
    """Save a batch in one transaction."""
    import psycopg  # noqa: PLC0415 - a peer with a driver of its own does not need it

    with psycopg.connect(job.database_url) as connection:
        connection.cursor().executemany(INSERT_TASK, rows(batch))
    die_if_asked(job)


def die_if_asked(job: Job) -> None:
    """The worst moment: the batch is saved, and what called this has not recorded it yet."""
    mark_of_death = Path(job.folder) / f"{job.run}.died"
    if job.dies_after_save and not mark_of_death.exists():
        mark_of_death.touch()
        os.kill(os.getpid(), signal.SIGKILL)


def has(job: Job, event: str) -> bool:
    """Whether the run has marked this event."""
    path = Path(job.folder) / f"{job.run}.marks"
    return path.exists() and f'"{event}"' in path.read_text()


def mark(job: Job, event: str) -> None:
    """Record when an event was: began, generated or saved."""
    line = {"event": event, "at": time.time(), "cpu": time.process_time()}
    with (Path(job.folder) / f"{job.run}.marks").open("a") as file:
        file.write(json.dumps(line) + "\n")

"""State that outlives the emulator's death: a snapshot, and a journal of what came after it.

MiniStack keeps its state in memory and saves it when it is told to end; what is killed is not told.
A durable emulator saves everything when SNAPSHOT_PATH is asked for, once the stack is deployed.
After that it appends every write of an item and every start and end of an execution to a file
before it answers the caller. A new process on the same folder and port loads both.

On AWS an execution goes on when a server dies. Here nobody could: those that were running are
FAILED with States.ServiceRestart (MiniStack's), and no status event says so. Lost are what queues
held, and logs, metrics, alarms' states and invocations since the snapshot.
"""

import json
import os
import threading
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from localcloud.aws import SNAPSHOT_PATH
from localcloud.aws.ministack import Json, Response, app, states, tables

_load_persisted_state = app._load_persisted_state
_transact_write_items = tables._transact_write_items

Asgi = Callable[[Any, Any, Any], Awaitable[None]]


class _Batch(threading.local):
    """The entries of a thread's transaction; None outside of one."""

    entries: list[Json] | None = None


_batch = _Batch()
_file: dict[str, int] = {}


def path() -> Path:
    """The journal's file."""
    return Path(os.environ["STATE_DIR"]) / "journal.jsonl"


def take_snapshot() -> None:
    """Save the state of all services, and begin the journal anew."""
    path().unlink(missing_ok=True)
    app.save_all(app._build_persistence_save_dict())
    _open()


def load_persisted_state() -> None:
    """Load the snapshot, then repeat the journal (replaces `_load_persisted_state`)."""
    _load_persisted_state()
    if not path().exists():
        return
    written = path().read_bytes()
    # without half a line: the process was killed while it wrote, and nobody had an answer
    complete = written[: written.rfind(b"\n") + 1]
    for line in complete.splitlines():
        for entry in json.loads(line):
            _repeat(entry)
    os.truncate(path(), len(complete))
    _open()
    running = [each for each in states._executions._data.values() if each["status"] == "RUNNING"]
    states._restore_state({"executions": {}})  # ends those
    for execution in running:
        execution_changed(execution)


def item_written(table: Json, pk: str, sk: str, item: Json | None) -> None:
    """Note an item before it is stored; None for a deletion."""
    _append({"table": table["TableArn"], "pk": pk, "sk": sk, "item": item})


def execution_changed(execution: Json) -> None:
    """Note an execution when it starts and when it has ended."""
    _append({"execution": execution})


def transact_write_items(request: Json) -> Response:
    """TransactWriteItems: one entry of the journal, so that all of it outlives a kill or nothing
    (replaces `_transact_write_items`)."""
    with _together():
        return _transact_write_items(request)


def answering(inner: Asgi) -> Asgi:
    """An ASGI application that takes a snapshot at its path and passes all else to `inner`."""

    async def outer(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["path"] != SNAPSHOT_PATH:
            await inner(scope, receive, send)
            return
        take_snapshot()
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    return outer


def _open() -> None:
    if "journal" in _file:
        os.close(_file["journal"])
    _file["journal"] = os.open(path(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def _append(entry: Json) -> None:
    if "journal" not in _file:
        return
    if _batch.entries is None:
        _write([entry])
    else:
        _batch.entries.append(entry)


@contextmanager
def _together() -> Generator[None]:
    entries = _batch.entries = []
    try:
        yield
    finally:
        _batch.entries = None
        if entries:
            _write(entries)


def _write(entries: list[Json]) -> None:
    # one call of the kernel: what it has taken outlives the process
    os.write(_file["journal"], json.dumps(entries, default=str).encode() + b"\n")


def _repeat(entry: Json) -> None:
    if execution := entry.get("execution"):
        _, _, _, region, account, *_ = execution["executionArn"].split(":")
        states._executions.set_scoped(account, region, execution["executionArn"], execution)
        return
    table = _table(entry["table"])
    if entry["item"] is None:
        tables._remove_item(table, entry["pk"], entry["sk"])
    else:
        tables._set_item(table, entry["pk"], entry["sk"], entry["item"])


def _table(arn: str) -> Any:
    return next(each for each in tables._tables._data.values() if each["TableArn"] == arn)

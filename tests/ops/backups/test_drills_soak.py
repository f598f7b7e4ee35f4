"""The drills of docs/runbook.md on 200 executions, timed: each is what an operator would type."""

import json
import random
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from components.names import Names
from localcloud.cluster.cloud import Cloud
from localcloud.cluster.steps import Steps
from ops import audit, cli
from ops.backups.difference import compare
from ops.backups.items import Item, Key, read_table
from ops.commands import options
from ops.stack import LOCAL, Stack
from tests.ops.backups.saved import access_to, begin, end, ended_executions, generate, key

pytestmark = [pytest.mark.soak, pytest.mark.timeout(900)]

EXECUTIONS, ACTIONS = 200, 4
NAMES = [f"action-{number}" for number in range(ACTIONS)]
Report = Callable[[str], None]


@pytest.fixture
def report(record_property: Callable[[str, object], None]) -> Report:
    return lambda line: record_property("Drills", line)


@contextmanager
def timed() -> Generator[list[float]]:
    """Measures a command, in seconds."""
    taken, started = list[float](), time.monotonic()
    yield taken
    taken.append(time.monotonic() - started)


@pytest.fixture
def ask(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, dict[str, Any], str]]:
    """Runs a command on a stack, with --json: exit status, object, and what it says meanwhile."""
    monkeypatch.setattr(audit, "FOLDER", tmp_path)

    def run(stack: Stack, *arguments: str) -> tuple[int, dict[str, Any], str]:
        monkeypatch.setattr(options, "open_local_stack", lambda: stack)
        status = cli.main([*arguments, "--local", "--json"])
        shown = capsys.readouterr()
        return status, json.loads(shown.out), shown.err

    return run


def held(stack: Stack) -> dict[Key, Item]:
    return read_table(stack.client("dynamodb"), stack.names.table)


def accident(stack: Stack, items: dict[Key, Item], chance: random.Random) -> tuple[int, int]:
    """20 executions and 150 other items are deleted, 60 others damaged; how many of each."""
    tables, name = stack.client("dynamodb"), stack.names.table
    executions = sorted({pk for pk, _ in items})
    gone = {*chance.sample(executions, 20)}
    rest = sorted(each for each in items if each[0] not in gone)
    chosen = chance.sample(rest, 210)
    lost = [each for each in items if each[0] in gone] + chosen[:150]
    for each in lost:
        tables.delete_item(TableName=name, Key=key(*each))
    for each in chosen[150:]:
        tables.update_item(
            TableName=name,
            Key=key(*each),
            UpdateExpression="REMOVE #status, tasks SET #ttl = :gone",
            ExpressionAttributeNames={"#status": "status", "#ttl": "ttl"},
            ExpressionAttributeValues={":gone": {"N": "9999999999"}},
        )
    return len(lost), 60


def test_the_table_is_restored_to_a_point_in_time_and_nothing_is_lost(
    stack: Stack, ask: Any, report: Report
) -> None:
    ended_executions(stack, EXECUTIONS, ACTIONS, at_once=8)
    items = held(stack)
    access = access_to(stack.client("dynamodb"), stack.names.table)
    arns = stack.names.execution_arns.removesuffix("*")
    going_on = [begin(access, arns, NAMES) for _ in range(10)]
    saved = held(stack)
    time.sleep(1.1)
    when = datetime.now(UTC).replace(microsecond=0)
    time.sleep(1.1)
    lost, damaged = accident(stack, items, random.Random(14))
    # meanwhile the product goes on: an execution ends, others get on, new ones come
    end(access, going_on[0], NAMES)
    for execution_id in going_on[1:]:
        generate(access, execution_id, NAMES[0])
    later = {*ended_executions(stack, 20, ACTIONS, at_once=8)}
    before = held(stack)

    with timed() as taken:
        status, done, said = ask(
            stack, "restore", "table", "--to-time", when.isoformat(), "--yes", "--reason", "drill"
        )
    assert (status, done["complete"]) == (0, True)
    assert len(done["found"]["missing"]) == lost
    assert len(done["found"]["damaged"]) == damaged
    assert f"{lost} missing: copied back" in said
    assert f"{damaged} damaged, the program cannot have written them so" in said

    after = held(stack)
    not_as_it_was = [each for each in items if after.get(each) != items[each]]
    report(
        f"Restore of {EXECUTIONS} executions to a point in time: {taken[0]:.1f} s; {len(saved)}"
        f" items, {lost} missing, {damaged} damaged, {len(not_as_it_was)} lost"
    )
    assert not_as_it_was == []
    untouched = {k: v for k, v in before.items() if k[0] in {*going_on, *later}}
    assert {k: after[k] for k in untouched} == untouched, "what was written later has stayed"
    assert after.keys() == saved.keys() | untouched.keys()
    assert done["table"] not in stack.client("dynamodb").list_tables()["TableNames"]


def test_everything_is_restored_into_an_empty_stack_from_one_archive(
    stack: Stack, ask: Any, report: Report, tmp_path: Path
) -> None:
    if len({pk for pk, _ in held(stack)}) < EXECUTIONS:  # the other drill may not have run
        ended_executions(stack, EXECUTIONS, ACTIONS, at_once=8)
    items = held(stack)
    with timed() as backed_up:
        status, made, _ = ask(stack, "backup", "create", "--folder", str(tmp_path / "backups"))
    assert status == 0
    archive = made["archive"]
    report(
        f"Backup of {EXECUTIONS} executions and the program: {backed_up[0]:.1f} s;"
        f" {archive['items']} items, {archive['size_bytes'] / 1e6:.1f} MB"
    )

    other = Cloud(tmp_path / "cloud")
    steps = Steps(Console(file=StringIO()))
    try:
        state, _ = other.up(steps)
        names = Names(LOCAL, state.account_id, state.region)
        empty = Stack(names, state, state.api_url, other.folder / "packages", outputs=state.exports)
        assert held(empty) == {}
        with timed() as taken:
            status, done, _ = ask(empty, "restore", "all", "--from", archive["file"], "--yes")
        report(
            f"Restore of everything into an empty stack: {taken[0]:.1f} s;"
            f" {len(done['copied']['written'])} items,"
            f" {len(done['failed_checks'])} checks of ops verify failed"
        )
        assert done["failed_checks"] == []
        assert (status, done["complete"], done["absent"]) == (0, True, [])
        restored = held(empty)
        left = compare(items, restored, running=(), now=time.time())
        assert (left.missing, left.damaged, left.only_live) == ([], {}, [])
        # what had not ended has no execution here, so it has come back as ended
        running = {"S": "RUNNING"}
        open_ones = {k[0] for k, item in items.items() if item.get("status") == running}
        assert {key.split()[0] for key in left.newer} == open_ones
        shown = ask(empty, "executions", "show", sorted({pk for pk, _ in items} - open_ones)[0])
        assert shown[1]["status"] == "SUCCEEDED"
    finally:
        other.down(steps)

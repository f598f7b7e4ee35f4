"""Backups and restores of the real program on the embedded cloud, by the commands."""

import base64
import hashlib
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from handlers.contract.functions import FUNCTIONS, WORKFLOW_STATUS
from ops import audit, cli
from ops.backups import archive
from ops.backups.archive import Archive
from ops.backups.items import Item, Key, read_table
from ops.backups.table_form import read_form
from ops.commands import options
from ops.rollback.versions import live_version
from ops.stack import Stack
from tests.ops.backups.saved import ended_executions, key
from tests.ops.releases import other_package, own_package, release

Ask = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def stack(released: Stack) -> Stack:
    return released


@pytest.fixture(autouse=True)
def _the_tests_stack(stack: Stack, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(options, "open_local_stack", lambda: stack)
    monkeypatch.setattr(audit, "FOLDER", tmp_path)
    monkeypatch.setattr(archive, "FOLDER", tmp_path / "backups")


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Ask:
    """Runs a command with --json: exit status and object."""

    def run(*arguments: str) -> tuple[int, dict[str, Any]]:
        status = cli.main([*arguments, "--json"])
        return status, json.loads(capsys.readouterr().out)

    return run


@pytest.fixture
def items(stack: Stack) -> dict[Key, Item]:
    """Three executions that have ended, and nothing else."""
    tables = stack.client("dynamodb")
    for each in read_table(tables, stack.names.table):
        tables.delete_item(TableName=stack.names.table, Key=key(*each))
    ended_executions(stack, 3, at_once=4)
    return read_table(tables, stack.names.table)


def damage(stack: Stack, items: dict[Key, Item]) -> None:
    """Half of the items are deleted, a record goes back to RUNNING."""
    tables, name = stack.client("dynamodb"), stack.names.table
    for pk, sk in [*items][::2]:
        tables.delete_item(TableName=name, Key=key(pk, sk))
    record = next(k for k in [*items][1::2] if k[1] in ("execution", "action#action-1"))
    tables.update_item(
        TableName=name,
        Key=key(*record),
        UpdateExpression="SET #s = :s",
        ExpressionAttributeNames={"#s": "status"},
        ExpressionAttributeValues={":s": {"S": "GENERATING"}},
    )


def test_an_archive_has_everything_and_is_listed_and_verified(
    stack: Stack, items: dict[Key, Item], ask: Ask, tmp_path: Path
) -> None:
    status, made = ask("backup", "--local", "--reason", "drill")
    assert status == 0
    held = made["archive"]
    found = Archive(Path(held["file"]))
    assert found.file.parent == tmp_path / "backups"
    assert found.items() == items
    for spec in FUNCTIONS:
        function = json.loads(found.read(f"functions/{spec.name}.json"))
        code = hashlib.sha256(found.read(function["code"])).digest()
        assert base64.b64encode(code).decode() == function["CodeSha256"]
        assert function["version"] == str(live_version(stack, spec.name))
    version = live_version(stack, "state-machine")
    definition = json.loads(found.read(f"state-machine/{version}.json"))
    assert definition["StartAt"] in definition["States"]
    settings = json.loads(found.read("settings.json"))
    assert settings["outputs"] == json.loads(json.dumps(stack.outputs))
    assert settings["config"]["aws:region"] == stack.names.region
    for secret in ("databaseUrl", "jwtSecret", "slackWebhook"):
        assert not any(secret in name for name in settings["config"])

    assert ask("backup", "verify", held["file"])[1] == held
    _, listed = ask("backup", "list", "--local")
    assert listed["archives"] == [held]
    assert held["table_backup"] in [each["arn"] for each in listed["table_backups"]]
    earliest, latest = listed["restorable"]
    assert earliest <= held["made"] <= latest
    line = json.loads((tmp_path / "audit-local.jsonl").read_text())
    assert (line["reason"], held["sha256"] in line["what"]) == ("drill", True)


def test_retention_removes_the_older_archives_with_their_table_backups(
    stack: Stack, ask: Ask
) -> None:
    _, first = ask("backup", "create", "--local")
    time.sleep(1.1)  # archives are named by the second
    _, second = ask("backup", "create", "--local", "--keep", "1", "--yes")
    assert second["removed"] == [Path(first["archive"]["file"]).name]
    _, listed = ask("backup", "list", "--local")
    assert [each["file"] for each in listed["archives"]] == [second["archive"]["file"]]
    arns = {each["arn"] for each in listed["table_backups"]}
    assert second["archive"]["table_backup"] in arns
    assert first["archive"]["table_backup"] not in arns


@pytest.mark.parametrize("source", ["archive", "backup", "time"])
def test_a_damaged_table_is_restored_from_each_source(
    source: str, stack: Stack, items: dict[Key, Item], ask: Ask
) -> None:
    made = ask("backup", "--local")[1]["archive"]
    time.sleep(1.1)
    when = datetime.now(UTC).replace(microsecond=0)
    time.sleep(1.1)
    damage(stack, items)
    given = {
        "archive": ("--from", made["file"]),
        "backup": ("--backup", made["table_backup"]),
        "time": ("--to-time", when.isoformat()),
    }[source]
    tables = stack.client("dynamodb")

    _, planned = ask("restore", "table", "--local", *given, "--plan")
    assert len(planned["found"]["missing"]) == (len(items) + 1) // 2
    assert len(planned["found"]["damaged"]) == 1
    assert read_table(tables, stack.names.table) != items

    status, done = ask("restore", "table", "--local", *given, "--yes")
    assert status == 0
    assert read_table(tables, stack.names.table) == items
    assert (done["complete"], done["kept"], done["copied"]["refused"]) == (True, False, [])
    assert done["table"] not in tables.list_tables()["TableNames"]
    assert ask("restore", "table", "--local", *given)[1]["copied"]["written"] == []


def test_a_kept_table_has_all_that_the_live_one_has(
    stack: Stack, items: dict[Key, Item], ask: Ask
) -> None:
    made = ask("backup", "--local")[1]["archive"]
    status, done = ask(
        "restore", "table", "--local", "--backup", made["table_backup"], "--keep-table"
    )
    assert (status, done["kept"]) == (0, True)
    tables = stack.client("dynamodb")
    kept, live = (read_form(tables, each) for each in (done["table"], stack.names.table))
    assert kept.as_json() == {**live.as_json(), "protected": True}
    assert kept.kms_key == stack.key_arn
    assert kept.recovery
    assert kept.ttl == "ttl"
    assert read_table(tables, done["table"]) == items

    damage(stack, items)
    _, again = ask("restore", "table", "--local", "--table", done["table"], "--yes")
    assert (again["complete"], again["kept"]) == (True, True)
    assert read_table(tables, stack.names.table) == items


def test_a_stack_goes_back_to_the_code_of_its_archive(
    stack: Stack, items: dict[Key, Item], ask: Ask
) -> None:
    made = ask("backup", "--local")[1]["archive"]
    good = live_version(stack, WORKFLOW_STATUS.name)
    name = stack.names.function(WORKFLOW_STATUS)
    bad = release(stack, name, other_package(stack, "restored"))
    tables = stack.client("dynamodb")
    for pk, sk in items:
        tables.delete_item(TableName=stack.names.table, Key=key(pk, sk))

    _, done = ask("restore", "all", "--local", "--from", made["file"], "--yes")
    assert done["moved"] == [
        {"name": "workflow-status", "old": int(bad), "new": good, "is_newest": False}
    ]
    assert live_version(stack, WORKFLOW_STATUS.name) == good
    assert read_table(tables, stack.names.table) == items
    # verify says what is left to do: live is not at the newest version, and nothing pins it here
    failed = {(each["subject"], each["check"]) for each in done["failed_checks"]}
    assert (f"function {name}", "live version") in failed
    assert {check for _, check in failed} == {"live version"}


def test_a_stack_with_other_executions_is_not_empty(
    stack: Stack, items: dict[Key, Item], ask: Ask
) -> None:
    made = ask("backup", "--local")[1]["archive"]
    ended_executions(stack, 1)
    status, answer = ask("restore", "all", "--local", "--from", made["file"], "--yes")
    assert status == 1
    assert "the stack is not empty" in answer["error"]


def test_code_that_no_version_holds_is_named_with_what_to_do(
    stack: Stack, ask: Ask, tmp_path: Path
) -> None:
    made = ask("backup", "--local")[1]["archive"]
    name, functions = stack.names.function(WORKFLOW_STATUS), stack.client("lambda")
    versions = functions.list_versions_by_function(FunctionName=name)["Versions"]
    release(stack, name, other_package(stack, "the only one"))
    for version in versions:
        if version["Version"] != "$LATEST":
            functions.delete_function(FunctionName=name, Qualifier=version["Version"])

    _, planned = ask("restore", "all", "--local", "--from", made["file"], "--plan")
    release(stack, name, own_package(stack))
    assert planned["absent"] == ["workflow-status"]
    assert "pulumi up --stack local" in planned["note"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["restore", "table"], "give one of --from, --backup, --to-time and --table"),
        (["restore", "table", "--backup", "a", "--to-time", "1h"], "give one of --from"),
        (["restore", "all"], "Missing option '--from'"),
        (["backup", "verify"], "Missing argument 'FILE'"),
    ],
)
def test_an_unclear_restore_is_refused(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    local = [] if arguments[1] == "verify" else ["--local"]
    assert cli.main([*arguments, *local]) == 2
    assert words in capsys.readouterr().err

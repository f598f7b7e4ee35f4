"""The archive's objects: what is damaged is named by object and field, the rest is still listed."""

import gzip
import io
import json
from typing import Any
from uuid import UUID

import pytest
from botocore.exceptions import ClientError

from components.names import Names
from handlers.archive.document import written
from handlers.contract.archive import archive_key
from handlers.contract.statuses import ActionStatus, ExecutionStatus
from handlers.storage.items import Item, serialised
from handlers.storage.models import ActionContext
from handlers.storage.work_item_format import new_work_item
from ops import cli
from ops.commands import options
from ops.executions.archived import list_archived, read_archived
from ops.problems import OperatorError
from ops.stack import LOCAL, Stack

NAMES = Names(LOCAL, "000000000000", "ap-northeast-1")
OLD, NEW = "019a0000-0000-7000-8000-000000000001", "019b0000-0000-7000-8000-000000000002"


class Bucket:
    """S3 as far as the archive is read."""

    def __init__(self, objects: dict[str, bytes]) -> None:
        self._objects = objects

    def get_object(self, **request: str) -> dict[str, Any]:
        if request["Key"] not in self._objects:
            raise ClientError({"Error": {"Code": "NoSuchKey"}}, "GetObject")
        return {"Body": io.BytesIO(self._objects[request["Key"]])}

    def get_paginator(self, _name: str) -> "Bucket":
        return self

    def paginate(self, **request: str) -> list[dict[str, Any]]:
        found = [key for key in self._objects if key.startswith(request["Prefix"])]
        months = sorted({key.rpartition("/")[0] + "/" for key in found})
        return [
            {
                "Contents": [{"Key": key} for key in found],
                "CommonPrefixes": [{"Prefix": month} for month in months],
            }
        ]


class Clients:
    def __init__(self, objects: dict[str, bytes]) -> None:
        self._bucket = Bucket(objects)

    def client(self, _service: str) -> Any:
        return self._bucket


def listed(
    stack: Stack, status: ExecutionStatus | None = None, limit: int = 20
) -> tuple[list[str], list[str]]:
    """The ids of the executions, and what is damaged."""
    found, damaged = list_archived(stack, goal_id=None, status=status, since=None, limit=limit)
    return [each.execution_id for each in found], damaged


def items(execution_id: str) -> list[Item]:
    record: Item = {
        "pk": execution_id,
        "sk": "execution",
        "goalId": "g",
        "userId": "u",
        "status": "SUCCEEDED",
        "executionArn": f"arn:aws:states:ap-northeast-1:000000000000:execution:m:{execution_id}",
        "startedAt": "2026-06-01T00:00:00.000Z",
        "totalActions": 1,
        "taskCount": 1,
        "inputTokens": 0,
        "outputTokens": 0,
        "costUsd": 0,
    }
    action = new_work_item(execution_id, "a", ActionContext("t", "HABIT", "s", "g"))
    return [record, {**action, "status": ActionStatus.SAVED.value}]


def stored(found: list[Item]) -> bytes:
    return written([serialised(each) for each in found])


def archive(damaged: bytes) -> Stack:
    """A whole execution, and a newer one that is damaged."""
    objects = {archive_key(OLD): stored(items(OLD)), archive_key(NEW): damaged}
    return Stack(NAMES, Clients(objects))


def without(name: str, of: int = 0) -> bytes:
    found = items(NEW)
    del found[of][name]
    return stored(found)


def with_value(name: str, value: Any, of: int = 0) -> bytes:
    found = items(NEW)
    found[of][name] = value
    return stored(found)


WHOLE = stored(items(NEW))
DAMAGE = {
    "empty": (b"", "it is no lines of items|it has no item execution"),
    "no gzip": (b"overwritten by mistake", "it is no lines of items"),
    "cut off": (WHOLE[: len(WHOLE) // 2], "it is no lines of items"),
    "bytes changed": (WHOLE[:20] + b"xxxx" + WHOLE[24:], "it is no lines of items"),
    "no JSON": (gzip.compress(b"{"), "it is no lines of items"),
    "a line that is no item": (gzip.compress(b"[1]"), "it is no lines of items"),
    "no wire form": (gzip.compress(b'{"Item": {"pk": 1}}'), "it is no lines of items"),
    "no key": (gzip.compress(json.dumps({"Item": {"pk": {"S": "x"}}}).encode()), "no lines"),
    "no record": (stored(items(NEW)[1:]), "it has no item execution"),
    "no goal": (without("goalId"), "item execution: field goalId is missing"),
    "another status": (with_value("status", "DONE"), "field status is not usable"),
    "a total that is none": (with_value("totalActions", "many"), "field totalActions is not"),
    "a cost that is none": (with_value("costUsd", "much"), "field costUsd is not usable"),
    "no action's status": (without("status", 1), "item action#a: field status is missing"),
    "another context": (with_value("context", "text", 1), "field context is not usable"),
}


@pytest.mark.parametrize(("damaged", "problem"), DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_object_is_named_with_its_field_and_the_others_are_listed(
    damaged: bytes, problem: str
) -> None:
    stack = archive(damaged)
    found, [said] = listed(stack)
    assert found == [OLD]
    assert archive_key(NEW) in said
    with pytest.raises(OperatorError, match=problem) as refused:
        read_archived(stack, NEW)
    assert said == str(refused.value)


def test_an_object_that_is_no_execution_is_named_too() -> None:
    stray = archive_key(NEW).replace(NEW, "notes")
    stack = Stack(NAMES, Clients({archive_key(OLD): stored(items(OLD)), stray: b"notes"}))
    found, [said] = listed(stack)
    assert found == [OLD]
    assert "notes" in said


@pytest.mark.parametrize("number", ["0" * 32, "f" * 32])
def test_an_id_of_no_possible_time_is_not_in_the_archive(number: str) -> None:
    with pytest.raises(OperatorError, match=f"no execution {UUID(number)}"):
        read_archived(archive(WHOLE), str(UUID(number)))


def test_whole_objects_are_listed_the_newest_first_and_shown() -> None:
    stack = archive(WHOLE)
    assert listed(stack) == ([NEW, OLD], [])
    assert listed(stack, limit=1) == ([NEW], [])
    assert listed(stack, ExecutionStatus.FAILED) == ([], [])
    shown = read_archived(stack, NEW)
    assert (shown.execution_id, shown.processed) == (NEW, 1)


def test_the_command_lists_the_others_and_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(options, "open_local_stack", lambda: archive(without("goalId")))
    assert cli.main(["executions", "list", "--archived", "--local"]) == 1
    written_ = capsys.readouterr()
    assert OLD in written_.out
    assert "field goalId is missing" in written_.err
    assert cli.main(["executions", "list", "--archived", "--local", "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert [each["execution_id"] for each in answer["executions"]] == [OLD]
    assert "field goalId is missing" in answer["damaged"][0]

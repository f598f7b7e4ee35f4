"""`restore table` against executions that really ran: nothing that the program did is damage."""

import json
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from components.names import Names
from localcloud.aws.clients import ACCOUNT_ID, REGION
from ops import audit, cli
from ops.commands import options
from ops.stack import LOCAL, Stack
from tests.workflow.stage import Stage as Scene
from tests.workflow.stage import small_goal

Ask = Callable[..., dict[str, Any]]


@pytest.fixture
def restore(
    stage: Scene,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> Ask:
    """Runs `restore table` on the local stack; the object that it prints."""
    stack = Stack(Names(LOCAL, ACCOUNT_ID, REGION), stage.state, stage.state.api_url)
    monkeypatch.setattr(options, "open_local_stack", lambda: stack)
    monkeypatch.setattr(audit, "FOLDER", tmp_path)

    def run(*arguments: str) -> dict[str, Any]:
        cli.main(["restore", "table", "--local", "--json", *arguments])
        return json.loads(capsys.readouterr().out)

    return run


def test_nothing_that_the_program_wrote_is_called_damaged(stage: Scene, restore: Ask) -> None:
    times, ended = list[str](), threading.Event()

    def keep_times() -> None:
        while not ended.wait(2):
            times.append(datetime.now(UTC).isoformat(timespec="seconds"))

    mandala = stage.place(small_goal("記録される目標", 6))
    ids = [action.action_id for action in mandala.actions]
    faults = {
        ids[0]: {"kind": "throttle", "times": 1},
        ids[1]: {"kind": "refused"},
        ids[2]: {"kind": "wrong-schema", "times": 1},
        ids[3]: {"kind": "minutes-as-text"},
    }
    first = stage.start(mandala, faults, latency=1)
    time.sleep(1)  # a time is a whole second, and the first must not lie before the start
    clock = threading.Thread(target=keep_times)
    clock.start()
    try:
        run = stage.end(mandala, first)
        cancelled = stage.place(small_goal("取り消される目標", 3))
        started = stage.start(cancelled, latency=20)
        time.sleep(2)
        stage.state.client("stepfunctions").stop_execution(executionArn=started.execution_arn)
        stage.end(cancelled, started)
        time.sleep(2)
    finally:
        ended.set()
        clock.join()
    assert {*run.errors()} > {""}
    newer = 0
    for when in times:
        found = restore("--to-time", when, "--plan")["found"]
        assert (when, found["missing"], found["damaged"]) == (when, [], {})
        newer += len(found["newer"])
    assert newer > 0, "executions were saved while they ran"


def test_a_running_execution_is_left_alone_until_it_has_ended(stage: Scene, restore: Ask) -> None:
    mandala = stage.place(small_goal("走っている目標", 2))
    started = stage.start(mandala, latency=60)
    tables = stage.state.client("dynamodb")
    record = {"pk": {"S": started.execution_id}, "sk": {"S": "execution"}}
    table = stage.state.table_name
    time.sleep(2.2)
    when = datetime.now(UTC).isoformat(timespec="seconds")
    time.sleep(1.1)
    whole = tables.get_item(TableName=table, Key=record, ConsistentRead=True)["Item"]
    tables.put_item(TableName=table, Item={**whole, "month": {"S": "1999-01"}})

    first = restore("--to-time", when, "--yes")
    assert first["found"]["running"] == [f"{started.execution_id} execution"]
    assert (first["complete"], first["copied"]["written"]) == (False, [])

    stage.state.client("stepfunctions").stop_execution(executionArn=started.execution_arn)
    stage.end(mandala, started)
    second = restore("--to-time", when, "--yes")
    assert [*second["found"]["damaged"]] == [f"{started.execution_id} execution"]
    assert second["complete"]
    restored = tables.get_item(TableName=table, Key=record, ConsistentRead=True)["Item"]
    assert restored["month"] == whole["month"]
    assert restored["status"] == {"S": "ABORTED"}, "its end, which came later, stays"

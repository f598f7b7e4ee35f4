"""A recorded execution, run again by the emulator's Step Functions, without its process."""

import json
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from localcloud.aws.executions import definitions, executions, tasks
from localcloud.aws.ministack import states
from tests.localcloud.aws.recorded.answers import Answers
from tests.localcloud.aws.recorded.definitions import Completed, Json, details

_ROLE = "arn:aws:iam::000000000000:role/recorded"
_PATIENCE_SECONDS = 20


def replayed(recording: Json, run: Completed) -> list[Json]:
    """The history of its definition with its input, each task answered as it was.

    No time passes in it, unless the recorded one was ended from outside.
    """
    recorded: list[Json] = recording["history"]
    end = recorded[-1]["type"]
    definition = run.definition
    if end == "ExecutionTimedOut":
        definition = {**definition, "TimeoutSeconds": 1}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tasks, "perform", Answers(recorded).perform)
        if end in ("ExecutionSucceeded", "ExecutionFailed"):
            patch.setattr(states, "_SFN_WAIT_SCALE", 0)
        execution = _started(definition, run.given)
        if end == "ExecutionAborted":
            _until(lambda: len(execution["events"]) == len(recorded) - 1)
            request = {"executionArn": execution["executionArn"], **details(recorded[-1])}
            _answer(executions.stop_execution(request))
        _until(lambda: execution["status"] != "RUNNING")
        return list(execution["events"])


def _started(definition: Json, given: Any) -> Json:
    machine = {
        "name": f"recorded-{uuid4()}",
        "definition": json.dumps(definition),
        "roleArn": _ROLE,
    }
    created = _answer(definitions.create_state_machine(machine))
    request = {"stateMachineArn": created["stateMachineArn"], "input": json.dumps(given)}
    started = _answer(executions.start_execution(request))
    return states._executions[started["executionArn"]]


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.001)


def _answer(response: tuple[int, Any, bytes]) -> Json:
    status, _, body = response
    assert status == 200, body.decode()
    return json.loads(body)

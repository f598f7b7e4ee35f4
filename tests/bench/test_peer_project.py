"""The original's nested shape as a definition, and what the history of either shape says."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bench.peer_runs.project import moments, nested
from components.compute.state_machine_definition import definition
from components.compute.workflow_state_machine import workflow
from components.names import Names
from components.settings import parse
from localcloud.aws.executions.definitions import problem
from tests.components.conftest import OF_DEV, SECRETS

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def machine() -> dict[str, Any]:
    """The definition of the stack dev in the nested shape."""
    settings = parse({**OF_DEV, **SECRETS}, {})
    names = Names(settings.environment, settings.account_id, settings.region)
    return nested(definition(workflow(names, settings)))


def state_names(machine: dict[str, Any]) -> Iterator[str]:
    for name, state in machine["States"].items():
        yield name
        if "ItemProcessor" in state:
            yield from state_names(state["ItemProcessor"])


def test_step_functions_accepts_the_nested_shape(machine: dict[str, Any]) -> None:
    assert problem(json.dumps(machine)) is None
    names = list(state_names(machine))
    assert sorted(set(names)) == sorted(names)


def test_a_batch_is_saved_when_all_of_its_actions_have_ended(machine: dict[str, Any]) -> None:
    assert machine["States"]["Prepare"]["Next"] == "GenerateBatches"
    outer = machine["States"]["GenerateBatches"]
    inner = outer["ItemProcessor"]["States"]["GenerateAll"]
    assert (outer["MaxConcurrency"], inner["MaxConcurrency"]) == (3, 8)
    assert outer["Items"] == "{% $states.input.batches %}"
    assert inner["Items"] == "{% $states.input.actionIds %}"
    assert inner["Next"] == "SaveBatch"
    assert outer["Next"] == "Finish"


def event(second: float, kind: str, name: str = "") -> dict[str, Any]:
    timestamp = START + timedelta(seconds=second)
    details = {"stateExitedEventDetails": {"name": name}} if name else {}
    return {"type": kind, "timestamp": timestamp, **details}


def test_a_run_lasts_from_its_first_map_to_its_last_action_and_its_last_batch() -> None:
    history = [
        event(0, "ExecutionStarted"),
        event(1, "MapStateEntered"),
        event(2, "MapStateEntered"),
        event(5, "TaskStateExited", "GenerateTasks"),
        event(6, "TaskStateExited", "SaveBatch"),
        event(9, "TaskStateExited", "GenerateTasks"),
        event(11, "TaskStateExited", "SaveBatch"),
        event(12, "TaskStateExited", "Finish"),
    ]
    began, generated, saved = moments(history)
    assert [(each - START).total_seconds() for each in (began, generated, saved)] == [1, 9, 11]

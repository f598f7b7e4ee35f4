"""This project on the embedded cloud, in its own shape and in the original's nested batches."""

import contextlib
import json
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import psutil
import psycopg

from bench.clouds import run_goal, start_goal, wait_for_end
from bench.peer_runs.environments import PeerUnavailableError
from bench.peer_runs.job import Action
from bench.peer_runs.stage import (
    RUN_SECONDS,
    Resumed,
    Timing,
    calls_paid_twice,
    cpu_seconds,
    forget_tasks,
    saved_tasks,
    until_calls_have_ended,
)
from localcloud.cluster.servers import EMULATOR
from localcloud.cluster.state import CloudState
from localcloud.run.calls import Started
from localcloud.run.history import Event

_POLL_SECONDS = 0.005


def timed_project(state: CloudState, actions: Sequence[Action], model: Mapping[str, Any]) -> Timing:
    """One run; its time begins with the first Map, and its CPU is the emulator's and functions'."""
    forget_tasks(state.database_url, actions)
    before = cpu_seconds(state.pids[EMULATOR])
    history = run_goal(state, model)
    began, generated, saved = moments(history)
    cpu = cpu_seconds(state.pids[EMULATOR]) - before
    return Timing((generated - began).total_seconds(), (saved - began).total_seconds(), cpu)


def moments(history: Sequence[Event]) -> tuple[datetime, datetime, datetime]:
    """When the first Map began, the last action had its tasks and the last batch was saved."""
    began = next(event["timestamp"] for event in history if event["type"] == "MapStateEntered")
    return began, _last_exit(history, "GenerateTasks"), _last_exit(history, "SaveBatch")


def _last_exit(history: Sequence[Event], state: str) -> datetime:
    return max(
        event["timestamp"]
        for event in history
        if event.get("stateExitedEventDetails", {}).get("name") == state
    )


def kill_functions(state: CloudState) -> None:
    """`kill -9` of every function's process, as if their workers had died."""
    for process in psutil.Process(state.pids[EMULATOR]).children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def project_killed_while_generating(
    state: CloudState, actions: Sequence[Action], model: Mapping[str, Any]
) -> Resumed:
    """The functions die once twenty calls have ended; nobody starts anything again."""
    forget_tasks(state.database_url, actions)
    started = start_goal(state, model)
    in_flight = until_calls_have_ended(state.model_server_url)
    kill_functions(state)
    return _resumed(state, actions, started, in_flight)


def project_killed_after_a_save(
    state: CloudState, actions: Sequence[Action], model: Mapping[str, Any]
) -> Resumed:
    """The functions die as soon as the first batch is in the database."""
    forget_tasks(state.database_url, actions)
    started = start_goal(state, model)
    _until_rows(state.database_url, actions)
    kill_functions(state)
    return _resumed(state, actions, started, 0)


def _resumed(
    state: CloudState, actions: Sequence[Action], started: Started, in_flight: int
) -> Resumed:
    began = time.time()
    wait_for_end(state, started)
    twice, failed = saved_tasks(state.database_url, actions)
    seconds = time.time() - began
    return Resumed(in_flight, calls_paid_twice(state.model_server_url), seconds, twice, failed)


def _until_rows(database_url: str, actions: Sequence[Action]) -> None:
    ids = [action.id for action in actions]
    end = time.monotonic() + RUN_SECONDS
    with psycopg.connect(database_url, autocommit=True) as connection:
        while time.monotonic() < end:
            asked = 'SELECT 1 FROM tasks WHERE "actionId" = ANY(%s::uuid[]) LIMIT 1'
            if connection.execute(asked, [ids]).fetchone():
                return
            time.sleep(_POLL_SECONDS)
    raise PeerUnavailableError("it saves nothing")


def nested(definition: Mapping[str, Any]) -> dict[str, Any]:
    """The definition with the original's shape: three batches at once, eight actions in each.

    A batch is saved when its slowest action has ended, and holds its place until then.
    """
    states = dict(definition["States"])
    generate, save = dict(states.pop("GenerateAll")), dict(states.pop("SaveAll"))
    at_once = save["MaxConcurrency"]
    generate["MaxConcurrency"] //= at_once
    selector = {**save["ItemSelector"], "deadline": "{% $states.input.deadline %}"}
    batch = {
        "GenerateAll": {**_without_catch(generate), "Next": "SaveBatch"},
        **save["ItemProcessor"]["States"],
    }
    processor = {**save["ItemProcessor"], "StartAt": "GenerateAll", "States": batch}
    outer = {**save, "ItemSelector": selector, "ItemProcessor": processor}
    return {**definition, "States": {**_without_turns(states), "GenerateBatches": outer}}


def _without_catch(state: Mapping[str, Any]) -> dict[str, Any]:
    # a Map inside a Map cannot go to a state outside of it; its error ends the batch
    return {**state, "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "BatchFailed"}]}


def _without_turns(states: Mapping[str, Any]) -> dict[str, Any]:
    kept = {k: v for k, v in states.items() if k not in ("TurnHasCome", "WaitForTurn")}
    return {**kept, "Prepare": {**states["Prepare"], "Next": "GenerateBatches"}}


@contextmanager
def nested_shape(state: CloudState) -> Generator[None]:
    """Executions that start meanwhile have the nested shape."""
    machines = state.client("stepfunctions")
    alias = state.state_machine_arn
    machine = alias.rpartition(":")[0]
    declared = machines.describe_state_machine(stateMachineArn=machine)["definition"]
    shaped = json.dumps(nested(json.loads(declared)))
    _point(machines, machine, alias, shaped)
    try:
        yield
    finally:
        _point(machines, machine, alias, declared)


def _point(machines: Any, machine: str, alias: str, definition: str) -> None:
    updated = machines.update_state_machine(
        stateMachineArn=machine, definition=definition, publish=True
    )
    routing = {"stateMachineVersionArn": updated["stateMachineVersionArn"], "weight": 100}
    machines.update_state_machine_alias(stateMachineAliasArn=alias, routingConfiguration=[routing])

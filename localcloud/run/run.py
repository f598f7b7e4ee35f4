"""Runs one goal end to end: as its owner over the API, and watched in the table."""

import itertools
import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.error import URLError

import psutil
import psycopg
from botocore.exceptions import ConnectionError as AwsConnectionError
from botocore.exceptions import HTTPClientError

from localcloud.cluster import processes
from localcloud.cluster.state import CloudState
from localcloud.cluster.steps import Steps, make_console
from localcloud.cluster.users import DEMO_USER, id_token
from localcloud.database.mandala import Mandala, place_goal
from localcloud.database.product import Connection
from localcloud.errors import LocalCloudError
from localcloud.run.calls import Started, read_history, set_model, start_activity
from localcloud.run.counted import counted
from localcloud.run.history import count_transitions, largest_payload_bytes
from localcloud.run.interrupts import interrupts_delayed
from localcloud.run.options import RunOptions
from localcloud.run.outcome import ExecutionOutcome
from localcloud.run.progress_bar import ActionsBar
from localcloud.run.report import print_report
from localcloud.run.snapshot import Snapshot
from localcloud.run.verify import verify
from localcloud.run.watch import Watch

INTERRUPTED = 130
"""Exit code of a command that Ctrl-C ended."""

_PERMANENT_FAULTS = ("refused", "wrong-schema")
_UNREACHABLE = (
    AwsConnectionError,
    HTTPClientError,
    psycopg.OperationalError,
    URLError,
    ConnectionResetError,
    TimeoutError,
)


def run(state: CloudState, options: RunOptions, steps: Steps | None = None) -> int:
    """Run the goal on a cloud that is up; returns the exit code.

    steps: continues the numbering of the command's steps.

    0: the status is SUCCEEDED or PARTIALLY_SUCCEEDED, and PostgreSQL agrees with the execution's
    record; 1: any other end; 130: Ctrl-C, which stops the execution. Raises LocalCloudError if a
    server is lost.
    """
    steps = steps or Steps(make_console(as_json=options.as_json))
    try:
        with psycopg.connect(state.database_url, autocommit=True, connect_timeout=5) as conn:
            outcome = _Run(state, options, steps, conn).outcome()
    except KeyboardInterrupt:
        return INTERRUPTED
    except _UNREACHABLE as error:
        raise _lost(_dead_servers(state, wait_seconds=2), error) from error
    print_report(steps.console, outcome)
    if options.as_json:
        print(json.dumps(outcome.summary()))
    return outcome.exit_code


@dataclass(frozen=True)
class _Run:
    state: CloudState
    options: RunOptions
    steps: Steps
    conn: Connection

    def outcome(self) -> ExecutionOutcome:
        mandala = self._place_goal()
        self._set_model(mandala)
        started: Started | None = None
        try:
            with interrupts_delayed():
                started = self._start(mandala)
            snapshot = self._watch(started, len(mandala.actions))
        except KeyboardInterrupt:
            if started:
                self._stop(started)
            raise
        return self._compare(started, mandala, snapshot)

    def _place_goal(self) -> Mandala:
        owner = self.state.users[DEMO_USER]
        with self.steps.step("Put the goal into PostgreSQL") as step:
            mandala = place_goal(self.conn, owner.id, self.options.goal)
            step.text = f"Goal「{mandala.title}」, {counted(len(mandala.actions), 'action')}"
        return mandala

    def _set_model(self, mandala: Mandala) -> None:
        seed, latency = self.options.seed, self.options.latency_seconds
        chosen = mandala.chosen(self.options.fail, seed)
        kinds = itertools.cycle(_PERMANENT_FAULTS)
        faults = {a.action_id: {"kind": kind} for a, kind in zip(chosen, kinds, strict=False)}
        text = f"Model server: seed {seed}, {latency:g} s a call on average"
        if chosen:
            text += f"; to fail: {', '.join(action.place for action in chosen)}"
        with self.steps.step(text):
            settings = {"seed": seed, "latency_seconds": latency, "faults": faults}
            set_model(self.state.model_server_url, settings)

    def _start(self, mandala: Mandala) -> Started:
        with self.steps.step("Signed in to Cognito as the goal's owner"):
            token = id_token(self.state, DEMO_USER)
        with self.steps.step("Start an execution over the HTTP API") as step:
            started = start_activity(self.state.api_url, token, mandala.goal_id)
            step.text = f"Started execution {started.execution_id}"
        return started

    def _watch(self, started: Started, total: int) -> Snapshot:
        with (
            self.steps.step("Generate and save") as step,
            ActionsBar(self.steps.console, total) as bar,
        ):

            def on_change(snapshot: Snapshot) -> None:
                bar.show(snapshot)
                kept = counted(snapshot.kept, "action")
                step.text = f"Generated and saved the tasks of {kept} of {total}"
                if dead := _dead_servers(self.state):
                    raise _lost(dead)

            return Watch(self.state, started).until_it_ends(on_change)

    def _stop(self, started: Started) -> None:
        console = self.steps.console
        console.print(
            "Interrupted: stopping the execution, and waiting up to 20 s until workflow-reconcile"
            " has saved what was generated ...",
            style="yellow",
        )
        snapshot = Watch(self.state, started).stop()
        kept = counted(snapshot.kept, "action")
        console.print(f"It is {snapshot.status}; the tasks of {kept} were saved.")

    def _compare(self, started: Started, mandala: Mandala, snapshot: Snapshot) -> ExecutionOutcome:
        with self.steps.step("Compared PostgreSQL and the history with the record"):
            verified = verify(self.conn, started.execution_id, mandala, snapshot)
            history = read_history(self.state.client("stepfunctions"), started.execution_arn)
        return ExecutionOutcome(
            started.execution_id,
            mandala,
            snapshot,
            verified,
            count_transitions(history),
            largest_payload_bytes(history),
            command_started_at=datetime.fromtimestamp(psutil.Process().create_time(), UTC),
        )


def _dead_servers(state: CloudState, wait_seconds: float = 0) -> list[str]:
    # a killed process closes its connections before it disappears
    give_up_at = time.monotonic() + wait_seconds
    while True:
        dead = [server.name for server in state.servers if not processes.is_alive(server)]
        if dead or time.monotonic() >= give_up_at:
            return dead
        time.sleep(0.1)


def _lost(dead: list[str], error: Exception | None = None) -> LocalCloudError:
    if not dead:
        return LocalCloudError(f"The cloud did not answer: {type(error).__name__}: {error}")
    return LocalCloudError(
        f"The run is lost: {' and '.join(dead)} died. "
        "Run the command again: it brings up a new cloud."
    )

"""Watches an execution until both the table and the state machine show its end."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from handlers.contract.statuses import ExecutionStatus
from localcloud.cluster.state import CloudState
from localcloud.errors import LocalCloudError
from localcloud.run.calls import Started, machine_status
from localcloud.run.snapshot import Snapshot, take_snapshot

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_stepfunctions import SFNClient

_POLL_SECONDS = 0.4
_MAX_ENDING_SECONDS = 60.0
"""How long the record may stay RUNNING after the state machine has ended."""

_STOPPING_SECONDS = 20.0


class Watch:
    """One execution of a cloud that is up."""

    def __init__(self, state: CloudState, started: Started) -> None:
        self._state = state
        self._started = started
        self._machine: SFNClient = state.client("stepfunctions")
        self._table: DynamoDBClient = state.client("dynamodb")

    def until_it_ends(self, on_change: Callable[[Snapshot], None]) -> Snapshot:
        """Poll until the execution has ended. Raises LocalCloudError if its record stays RUNNING.

        on_change: called with each snapshot.
        """
        ended_at: float | None = None
        while True:
            status = machine_status(self._machine, self._started.execution_arn)
            snapshot = self._snapshot()
            on_change(snapshot)
            if status != "RUNNING":
                if snapshot.status != ExecutionStatus.RUNNING:
                    return snapshot
                ended_at = ended_at or time.monotonic()
                if time.monotonic() - ended_at > _MAX_ENDING_SECONDS:
                    raise LocalCloudError(
                        f"The state machine ended {status}, but execution "
                        f"{self._started.execution_id} is still RUNNING in "
                        f"{self._state.table_name}."
                    )
            time.sleep(_POLL_SECONDS)

    def stop(self) -> Snapshot:
        """Stop the execution, and wait some seconds for reconcile to end its record."""
        self._machine.stop_execution(
            executionArn=self._started.execution_arn, error="Interrupted", cause="Ctrl-C"
        )
        give_up_at = time.monotonic() + _STOPPING_SECONDS
        while True:
            snapshot = self._snapshot()
            if snapshot.status != ExecutionStatus.RUNNING or time.monotonic() > give_up_at:
                return snapshot
            time.sleep(_POLL_SECONDS)

    def _snapshot(self) -> Snapshot:
        return take_snapshot(self._table, self._state.table_name, self._started.execution_id)

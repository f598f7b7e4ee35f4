"""The outcome of an execution, and its summary for scripts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from handlers.contract.statuses import ExecutionStatus
from localcloud.database.mandala import Mandala, PlacedAction
from localcloud.run.snapshot import Snapshot
from localcloud.run.verify import Verified

SUCCESSFUL = (ExecutionStatus.SUCCEEDED, ExecutionStatus.PARTIALLY_SUCCEEDED)


@dataclass(frozen=True)
class ExecutionOutcome:
    """An execution that has ended: its record, its tasks in PostgreSQL and its history.

    command_started_at: when the command began; the time to the first tasks counts from here.
    """

    execution_id: str
    mandala: Mandala
    snapshot: Snapshot
    verified: Verified
    transitions: int
    largest_state_bytes: int
    command_started_at: datetime

    @property
    def failed(self) -> list[PlacedAction]:
        """The actions without saved tasks, in the mandala's order."""
        return [a for a in self.mandala.actions if not self.verified.tasks[a.action_id]]

    @property
    def seconds(self) -> float:
        """From the execution's start to its end, by its record."""
        stopped_at = self.snapshot.stopped_at or self.snapshot.started_at
        return (stopped_at - self.snapshot.started_at).total_seconds()

    @property
    def first_task_seconds(self) -> float | None:
        """From the command's start until the first action's tasks are stored in DynamoDB."""
        first = self.snapshot.first_kept_at
        return (first - self.command_started_at).total_seconds() if first else None

    @property
    def exit_code(self) -> int:
        """0 if the execution succeeded, at least partially, and PostgreSQL agrees; otherwise 1."""
        return 0 if self.snapshot.status in SUCCESSFUL and not self.verified.problems else 1

    def summary(self) -> dict[str, Any]:
        """The JSON object of `--json`."""
        first = self.first_task_seconds
        return {
            "status": self.snapshot.status.value,
            "executionId": self.execution_id,
            "totalActions": len(self.mandala.actions),
            "succeededActions": len(self.mandala.actions) - len(self.failed),
            "failedActions": [action.action_id for action in self.failed],
            "tasks": self.verified.count,
            "seconds": round(self.seconds, 3),
            "firstTaskSeconds": None if first is None else round(first, 3),
            "transitions": self.transitions,
            "largestStateBytes": self.largest_state_bytes,
            "inputTokens": self.snapshot.input_tokens,
            "outputTokens": self.snapshot.output_tokens,
            "costUsd": float(self.snapshot.cost_usd),
        }

"""Why a goal gets 409: what holds it, whether that is healthy, and what to do."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from handlers.contract.statuses import ExecutionStatus
from handlers.contract.timing import START_GRACE_SECONDS, SWEEP_MINUTES
from handlers.storage.execution_queries import Criteria, Position
from ops.executions.reading import Execution, read_execution, table_of
from ops.stack import Stack

_LATE = timedelta(minutes=2 * SWEEP_MINUTES)


@dataclass(frozen=True)
class Goal:
    """A goal's lock as seen from the table and Step Functions.

    holder: the execution that holds the goal. busy: whether a start gets 409 now.
    healthy: False where somebody has to act. why, what_to_do: for a person.
    """

    goal_id: str
    busy: bool
    healthy: bool
    why: str
    what_to_do: str
    holder: Execution | None


def read_goal(stack: Stack, goal_id: str, now: datetime) -> Goal:
    """What holds a goal."""
    running = Criteria(status=ExecutionStatus.RUNNING)
    queries = table_of(stack).queries
    records = queries.of_goal(goal_id, running, 1, Position()).records
    if not records and not queries.of_goal(goal_id, Criteria(), 1, Position()).records:
        return unknown(goal_id)
    holder = read_execution(stack, records[0].execution_id) if records else None
    stopped = _stopped_at(stack, holder) if holder else None
    return explain(goal_id, holder, stopped, now)


def unknown(goal_id: str) -> Goal:
    """A goal of which the table knows no execution."""
    return Goal(
        goal_id,
        busy=False,
        healthy=True,
        why="the table knows no execution of this goal",
        what_to_do="look whether that is the goal's id; if it is, it was never started, or longer"
        " ago than table.ttlDays",
        holder=None,
    )


def explain(
    goal_id: str, holder: Execution | None, machine_stopped: datetime | None, now: datetime
) -> Goal:
    """The reason and the remedy.

    machine_stopped: when Step Functions ended the execution that the table calls running.
    """
    if holder is None or holder.status != ExecutionStatus.RUNNING:
        return Goal(
            goal_id,
            busy=False,
            healthy=True,
            why="no execution of this goal is running",
            what_to_do="start it; if that still gets 409, a start died before its record: the next"
            f" one takes the lock over after {START_GRACE_SECONDS} s",
            holder=None,
        )
    healthy, why, what_to_do = _of_holder(holder, machine_stopped, now)
    return Goal(
        goal_id, True, healthy, f"execution {holder.execution_id} {why}", what_to_do, holder
    )


def _of_holder(
    holder: Execution, machine_stopped: datetime | None, now: datetime
) -> tuple[bool, str, str]:
    if holder.machine_status == "RUNNING":
        done = f"{holder.processed} of {holder.total} actions are processed"
        return (
            True,
            f"is running since {holder.started_at}: {done}",
            "wait for its end, let its owner cancel it (which discards), or stop it (which saves):"
            f' python -m ops executions stop {holder.execution_id} --cause "..."',
        )
    if holder.machine_status is None:
        return (
            False,
            "has a record, but Step Functions never started it: its start died half-way",
            f"start the goal again: a start takes over, after {START_GRACE_SECONDS} s, a lock that"
            " has no execution",
        )
    why = (
        f"ended {holder.machine_status} in Step Functions, and workflow-reconcile has not ended its"
        " record and lock yet"
    )
    if machine_stopped is not None and now - machine_stopped > _LATE:
        return (
            False,
            why,
            "the sweep is late: python -m ops logs workflow-reconcile --level ERROR shows why,"
            " python -m ops verify whether its rules are on",
        )
    return True, why, f"wait: the event ends it in seconds, the sweep in {SWEEP_MINUTES} minutes"


def _stopped_at(stack: Stack, holder: Execution) -> datetime | None:
    if holder.machine_status in (None, "RUNNING"):
        return None
    arn = f"{stack.names.execution_arns.removesuffix('*')}{holder.execution_id}"
    described = stack.client("stepfunctions").describe_execution(executionArn=arn)
    return described.get("stopDate")

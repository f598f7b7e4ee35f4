"""`executions`: list, show, watch, stop, retry."""

import sys
import time
from datetime import datetime
from typing import Annotated

import typer

from handlers.contract.statuses import ExecutionStatus
from ops.audit import record
from ops.commands.confirm import ConfirmOption, YesOption, confirm
from ops.commands.options import JsonOption, LocalOption, StackOption, open_stack, stack_name
from ops.commands.output import print_json
from ops.commands.results import ExecutionList, Retried, Stopped
from ops.executions import acting
from ops.executions.archived import list_archived, read_archived
from ops.executions.reading import Execution, Summary, list_executions, read_execution
from ops.stack import LOCAL, Stack, execution_of, goal_of
from ops.text import lay_out, terminal_width
from ops.times import moment

_POLL_SECONDS = 2.0
_WAIT_SECONDS = 60.0
_EVENT_SECONDS = 20.0
"""Step Functions' event mostly comes within seconds, but it is best effort."""

ExecutionArgument = Annotated[str, typer.Argument(metavar="EXECUTION", help="its id or its ARN")]
ArchivedOption = Annotated[
    bool, typer.Option("--archived", help="from the archive in S3, not from the table")
]


def list_command(
    *,
    stack: StackOption = None,
    local: LocalOption = False,
    goal: Annotated[str | None, typer.Option(metavar="ID", help="only this goal's")] = None,
    status: Annotated[
        ExecutionStatus | None, typer.Option(help="only those with this status")
    ] = None,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="2h, 3d, or 2026-11-29T08:00 (UTC)")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, metavar="N")] = 20,
    archived: ArchivedOption = False,
    as_json: JsonOption = False,
) -> None:
    """List executions, the newest first.

    Exit status 1 if an object of the archive is damaged; the others are listed.

    \b
    Example:
      python -m ops executions list --stack prod --status RUNNING --since 2h
      python -m ops executions list --stack prod --archived --since 2026-06-01T00:00
    """
    goal_id = goal_of(goal) if goal else None
    opened = open_stack(stack_name(stack, local))
    start: datetime | None = moment("--since", since) if since else None
    damaged: list[str] = []
    if archived:
        found, damaged = list_archived(
            opened, goal_id=goal_id, status=status, since=start, limit=limit
        )
    else:
        found = list_executions(opened, goal_id=goal_id, status=status, since=start, limit=limit)
    if as_json:
        print_json(ExecutionList(found, damaged))
    else:
        rows = [_row(each) for each in found]
        for line in lay_out(rows, terminal_width()) if rows else ["none"]:
            print(line)
    for problem in damaged:
        print(problem, file=sys.stderr)
    if damaged:
        raise typer.Exit(1)


def show_command(
    execution: ExecutionArgument,
    *,
    stack: StackOption = None,
    local: LocalOption = False,
    archived: ArchivedOption = False,
    as_json: JsonOption = False,
) -> None:
    """Show one execution: its state in the table and in Step Functions, progress, failures.

    \b
    Example:
      python -m ops executions show 0192f0c1-7a00-7000-8000-000000000001 --stack prod
    """
    opened, execution_id = _open(execution, stack, local)
    read = read_archived if archived else read_execution
    found = read(opened, execution_id)
    if as_json:
        print_json(found)
    else:
        _print(found)


def watch_command(
    execution: ExecutionArgument,
    *,
    stack: StackOption = None,
    local: LocalOption = False,
    as_json: JsonOption = False,
) -> None:
    """Watch one execution until it ends: a line whenever something changes.

    With --json only the end is printed. Exit status 1 unless it succeeded; Ctrl-C changes nothing.

    \b
    Example:
      python -m ops executions watch 0192f0c1-7a00-7000-8000-000000000001 --local
    """
    opened, execution_id = _open(execution, stack, local)
    shown = ""
    while True:
        found = read_execution(opened, execution_id)
        line = f"{found.state} {found.processed}/{found.total}{_failures(found)}"
        if line != shown and not as_json:
            print(line, flush=True)
        shown = line
        if found.status != ExecutionStatus.RUNNING:
            break
        time.sleep(_POLL_SECONDS)
    if as_json:
        print_json(found)
    if found.status != ExecutionStatus.SUCCEEDED:
        raise typer.Exit(1)


def stop_command(
    execution: ExecutionArgument,
    *,
    stack: StackOption = None,
    local: LocalOption = False,
    cause: Annotated[str, typer.Option(metavar="TEXT", help="why; it is kept in Step Functions")],
    yes: YesOption = False,
    confirmed: ConfirmOption = None,
    as_json: JsonOption = False,
) -> None:
    """Stop a running execution. What it has generated is saved; its goal is free again.

    The owner's cancel in the product discards instead. Waits up to a minute for the end, and ends
    it itself if Step Functions' event does not come.

    \b
    Example:
      python -m ops executions stop 0192f0c1-7a00-7000-8000-000000000001 --local --cause "stuck"
    """
    acting.check_cause(cause)
    opened, execution_id = _open(execution, stack, local)
    before = read_execution(opened, execution_id)
    print(f"{before.state} {before.processed}/{before.total}", file=sys.stderr)
    is_running = before.machine_status == "RUNNING"
    audit = ""
    if is_running:
        confirm(opened.names.environment, yes=yes, confirmed=confirmed)
        audit = record(opened, f"stop execution {execution_id}", cause)
        acting.stop(opened, execution_id, cause)
    after = _wait_for_end(opened, execution_id, _EVENT_SECONDS)
    if after.state == "STOPPING":
        print("its event did not come: workflow-reconcile is run for it", file=sys.stderr)
        acting.reconcile(opened, execution_id)
        after = _wait_for_end(opened, execution_id, _WAIT_SECONDS - _EVENT_SECONDS)
    if as_json:
        print_json(Stopped(is_running, after, audit))
        return
    if not is_running:
        print("it was not running any more")
    _print(after)


def retry_command(
    execution: ExecutionArgument,
    *,
    stack: StackOption = None,
    local: LocalOption = False,
    yes: YesOption = False,
    confirmed: ConfirmOption = None,
    as_json: JsonOption = False,
) -> None:
    """Start a new execution of the actions that failed in one that has ended.

    For its owner, by workflow-start itself. The same retry again, within a day, starts no second.

    \b
    Example:
      python -m ops executions retry 0192f0c1-7a00-7000-8000-000000000001 --stack prod
    """
    opened, execution_id = _open(execution, stack, local)
    before = read_execution(opened, execution_id)
    print(f"{before.state} {before.processed}/{before.total}{_failures(before)}", file=sys.stderr)
    acting.check_ended(execution_id, before.status)
    confirm(opened.names.environment, yes=yes, confirmed=confirmed)
    audit = record(opened, f"retry the failed actions of execution {execution_id}", "")
    started = acting.retry(opened, execution_id)
    if as_json:
        print_json(Retried(started, audit))
    else:
        print(f"started {started}")


def _open(execution: str, stack: str | None, local: bool) -> tuple[Stack, str]:
    given = stack_name(stack, local) if stack or local else None
    name, execution_id = execution_of(execution, given)
    return open_stack(name or LOCAL), execution_id


def _wait_for_end(stack: Stack, execution_id: str, seconds: float) -> Execution:
    deadline = time.monotonic() + seconds
    while True:
        found = read_execution(stack, execution_id)
        if found.status != ExecutionStatus.RUNNING or time.monotonic() > deadline:
            return found
        time.sleep(_POLL_SECONDS / 2)


def _row(found: Summary) -> dict[str, str]:
    return {
        "execution": found.execution_id,
        "goal": found.goal_id,
        "status": found.status,
        "started": found.started_at,
        "ended": found.stopped_at or "",
        "actions": str(found.total),
        "failed": str(found.failed),
        "error": found.error_code or "",
    }


def _failures(found: Execution) -> str:
    parts = [f"{code} {number}" for code, number in found.failures.items()]
    return f", failed: {', '.join(parts)}" if parts else ""


def _print(found: Execution) -> None:
    rows = {
        "execution": found.execution_id,
        "goal": found.goal_id,
        "state": found.state,
        "Step Functions": found.machine_status or "dropped, or never started",
        "started": found.started_at,
        "ended": found.stopped_at or "",
        "actions": f"{found.processed} of {found.total} processed{_failures(found)}",
        "error": found.error_code or "",
        "retry of": found.retry_of or "",
        "cost": f"{found.cost_usd} USD",
    }
    for line in lay_out([{name: value for name, value in rows.items() if value}], width=0):
        print(line)
    if found.state == "STOPPING":
        print("workflow-reconcile ends it within 5 minutes; until then its goal gets 409")

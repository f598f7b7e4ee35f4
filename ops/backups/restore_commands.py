"""`restore`: the table from an archive, a backup or a time; a whole stack from an archive."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from ops.audit import record
from ops.backups import restored
from ops.backups.archive import Archive
from ops.backups.copy_back import Copied
from ops.backups.difference import Difference
from ops.backups.items import read_table
from ops.backups.live_table import difference_of, restore_items
from ops.backups.program import ProgramPlan, plan_program
from ops.backups.restored import Source
from ops.backups.results import RestoredAll, RestoredTable
from ops.backups.wording import counted, losses, summary
from ops.commands.confirm import ConfirmOption, YesOption, confirm
from ops.commands.options import JsonOption, LocalOption, StackOption, open_stack, stack_name
from ops.commands.output import print_json
from ops.pins import pin_moves
from ops.problems import OperatorError
from ops.rollback.apply import apply
from ops.stack import Stack
from ops.times import moment
from ops.verify.found import health_of
from ops.verify.verify import verify

ReasonOption = Annotated[str, typer.Option(metavar="TEXT", help="for the audit line")]
PlanOption = Annotated[
    bool, typer.Option("--plan", help="show what would be done, change nothing live")
]


def restore_table_command(
    *,
    stack: StackOption = None,
    local: LocalOption = False,
    archive: Annotated[
        Path | None, typer.Option("--from", metavar="ARCHIVE", help="a file of `backup create`")
    ] = None,
    backup: Annotated[
        str | None, typer.Option(metavar="ARN", help="of a backup that DynamoDB made")
    ] = None,
    to_time: Annotated[
        str | None, typer.Option(metavar="TIME", help="30m, 2h (ago), 2026-11-29T08:00:00 (UTC)")
    ] = None,
    table: Annotated[
        str | None, typer.Option(metavar="NAME", help="a table restored before, by AWS Backup")
    ] = None,
    keep_table: Annotated[
        bool, typer.Option("--keep-table", help="keep the new table, with all its settings")
    ] = False,
    plan: PlanOption = False,
    reason: ReasonOption = "",
    yes: YesOption = False,
    confirmed: ConfirmOption = None,
    as_json: JsonOption = False,
) -> None:
    """Restore what the table has lost.

    Makes a new table, compares it item by item with the live one, shows the difference and asks.
    Then it copies back only what is missing or damaged: never over a newer item, never into an
    execution that runs. It reads back, and deletes the new table. The same command again does what
    is left. Exit status 1 if something stays missing.

    \b
    Example:
      python -m ops restore table --stack prod --to-time 2026-11-29T08:00:00 --reason "incident 42"
    """
    if sum(each is not None for each in (archive, backup, to_time, table)) != 1:
        raise typer.BadParameter("give one of --from, --backup, --to-time and --table")
    name = stack_name(stack, local)
    opened = open_stack(name)
    source = _source(opened, archive, backup, to_time, table)
    new = restored.make(opened, source, keep=keep_table, say=_say)
    saved = read_table(opened.client("dynamodb"), new)
    if not saved:
        raise OperatorError(f"{new} has no item: {source.what} restores nothing")
    found = difference_of(opened, saved)
    _show(found)
    copied, left, audit = Copied([], []), found, ""
    if found.to_copy and not plan:
        _say(f"{new} stays if you stop here; the same command goes on with it")
        confirm(name, yes=yes, confirmed=confirmed)
        what = f"table {opened.names.table} from {source.what}"
        record(opened, f"restore begins: {what}, {counted(found.to_copy, 'item')}", reason)
        copied, left = restore_items(opened, saved)
        audit = record(opened, f"restore done: {what}, {_done(copied, left)}", reason)
    is_kept = keep_table or table is not None or not restored.drop(opened, new)
    complete = plan or not (left.to_copy or left.running)
    if as_json:
        print_json(RestoredTable(complete, new, is_kept, found, copied, left, audit))
    else:
        print(f"{new} is {'kept' if is_kept else 'deleted'}")
        print(_done(copied, left))
    if not complete:
        raise typer.Exit(1)


def restore_all_command(
    *,
    archive: Annotated[
        Path, typer.Option("--from", metavar="ARCHIVE", help="a file of `backup create`")
    ],
    stack: StackOption = None,
    local: LocalOption = False,
    plan: PlanOption = False,
    reason: ReasonOption = "",
    yes: YesOption = False,
    confirmed: ConfirmOption = None,
    as_json: JsonOption = False,
) -> None:
    """Restore a whole stack, deployed and empty, from one archive.

    First `pulumi up` of the archive's commit. Then this moves the aliases to the versions that hold
    the saved code and definition, writes every item, and checks the stack with `verify`. PostgreSQL
    has its own backups. The same command again does what is left. Exit status 1 if a check fails.

    \b
    Example:
      python -m ops restore all --stack prod --from .ops/backups/backup-prod-20261129T080000Z.zip
    """
    name = stack_name(stack, local)
    opened, opened_archive = open_stack(name), Archive(archive)
    restored.check_stack(opened, opened_archive)
    opened_archive.verify()
    saved = opened_archive.items()
    found = difference_of(opened, saved)
    _check_empty(opened, found)
    program = plan_program(opened, opened_archive)
    note = _program_note(program, opened_archive)
    _show(found)
    for move in program.moves:
        _say(f"{move.name}: live {move.old} -> {move.new}")
    if note:
        _say(note)
    copied, left, audit = Copied([], []), found, ""
    if not plan and (found.to_copy or program.moves):
        confirm(name, yes=yes, confirmed=confirmed)
        what = f"all from {opened_archive.file.name}"
        record(opened, f"restore begins: {what}, {counted(found.to_copy, 'item')}", reason)
        if program.moves:
            apply(opened, program.moves, lambda: health_of(opened))
            note = f"{note} {pin_moves(name, program.moves)}".strip()
        copied, left = restore_items(opened, saved)
        audit = record(opened, f"restore done: {what}, {_done(copied, left)}", reason)
    failed = [] if plan else [line for line in verify(opened) if not line.passed]
    complete = plan or not (failed or left.to_copy or program.absent)
    done = RestoredAll(complete, program.moves, program.absent, note, copied, left, failed, audit)
    if as_json:
        print_json(done)
    else:
        print(_done(copied, left))
        for line in done.failed_checks:
            print(f"✗ {line.subject}: {line.check} expected {line.expected}, found {line.found}")
        print(f"ops verify: {counted(len(done.failed_checks), 'check')} failed")
    if not complete:
        raise typer.Exit(1)


def _source(
    stack: Stack,
    archive: Path | None,
    backup: str | None,
    to_time: str | None,
    table: str | None,
) -> Source:
    if archive:
        return restored.of_archive(stack, Archive(archive))
    if table:
        return restored.of_table(stack, table)
    if backup:
        return restored.of_backup(stack, backup)
    return restored.of_time(stack, moment("--to-time", to_time or ""))


def _check_empty(stack: Stack, found: Difference) -> None:
    """Raises OperatorError if the table has executions that the archive has not."""
    others = {key for key in found.only_live if "#" not in key.partition(" ")[0]}
    if others:
        raise OperatorError(
            f"{stack.names.table} has {counted(len(others), 'item')} of executions that the archive"
            " has not: the stack is not empty. `python -m ops restore table --from ARCHIVE` copies"
            " back only what is missing or damaged"
        )


def _program_note(program: ProgramPlan, archive: Archive) -> str:
    if not program.absent:
        return ""
    commit = archive.manifest.commit or "the deployed commit"
    return (
        f"No version holds the saved {', '.join(program.absent)}: `git checkout {commit}` and"
        f" `pulumi up --stack {archive.manifest.stack}` make it, or stay with what is live."
    )


def _show(found: Difference) -> None:
    for line in (*summary(found), *losses(found)):
        _say(line)


def _done(copied: Copied, left: Difference) -> str:
    written = counted(len(copied.written), "item")
    refused = f", {len(copied.refused)} changed meanwhile and stay" if copied.refused else ""
    return (
        f"{written} copied back{refused}; read again: {left.to_copy} missing or damaged,"
        f" {len(left.running)} of running executions"
    )


def _say(text: str) -> None:
    """On stderr, so that --json has stdout for itself."""
    print(text, file=sys.stderr)

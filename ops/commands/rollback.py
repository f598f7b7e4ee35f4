"""`rollback`: the aliases `live` go back to versions published earlier."""

import sys
from typing import Annotated

import typer

from components.settings import STATE_MACHINE_PIN
from ops.audit import record
from ops.commands.confirm import ConfirmOption, YesOption, confirm
from ops.commands.options import JsonOption, LocalOption, StackOption, open_stack, stack_name
from ops.commands.output import print_json
from ops.commands.results import RolledBack
from ops.pins import pin_moves
from ops.rollback.apply import apply
from ops.rollback.difference import difference
from ops.rollback.plan import Move, before_last_deployment, moves, read_targets
from ops.rollback.versions import FUNCTION_NAMES, NAMES, read_content, read_owner
from ops.stack import Stack
from ops.verify.found import health_of


def rollback_command(
    *,
    stack: StackOption = None,
    local: LocalOption = False,
    previous: Annotated[
        bool, typer.Option("--previous", help="to the versions from before the last deployment")
    ] = False,
    newest: Annotated[
        bool, typer.Option("--newest", help="undo a rollback: to the newest versions, unpinned")
    ] = False,
    to: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VERSION", help="by version, once for each; state-machine is one"
        ),
    ] = None,
    functions: Annotated[
        bool,
        typer.Option("--functions", help="only the functions (default: machine and functions)"),
    ] = False,
    machine: Annotated[bool, typer.Option("--machine", help="only the state machine")] = False,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="for the audit line")] = "",
    pin: Annotated[
        bool, typer.Option("--pin/--no-pin", help="keep `pulumi up` from undoing it")
    ] = True,
    yes: YesOption = False,
    confirmed: ConfirmOption = None,
    as_json: JsonOption = False,
) -> None:
    """Move the aliases `live` to versions published earlier.

    The machine first, then the functions. It shows what differs and asks; then it moves, reads
    back, checks the API and undoes everything if that fails. Running executions end on the
    definition that they began with. The same command again does only what is left.

    \b
    Example:
      python -m ops rollback --stack prod --previous --reason "incident 42"
    """
    if sum((previous, newest, bool(to))) != 1:
        raise typer.BadParameter("give one of --previous, --newest and --to NAME=VERSION")
    name = stack_name(stack, local)
    opened = open_stack(name)
    planned = _plan(opened, _chosen(functions, machine), to, newest=newest)
    to_do = [move for move in planned if not move.is_done]
    _show(opened, planned)
    line = ""
    if to_do:
        confirm(name, yes=yes, confirmed=confirmed)
        what = "live of " + ", ".join(f"{m.name} {m.old} -> {m.new}" for m in to_do)
        line = record(opened, f"rollback begins: {what}", reason)
        apply(opened, planned, lambda: health_of(opened))
        line = record(opened, f"rollback done: {what}", reason)
    note = pin_moves(name, planned) if pin else _UNPINNED
    if as_json:
        print_json(RolledBack(to_do, note, line))
    else:
        print("live is moved" if to_do else "nothing to move: live is there already")
        print(note)


_UNPINNED = "Not pinned: the next `pulumi up` moves live to the newest versions again."


def _chosen(functions: bool, machine: bool) -> tuple[str, ...]:
    if functions == machine:
        return NAMES
    return FUNCTION_NAMES if functions else (STATE_MACHINE_PIN,)


def _plan(
    stack: Stack, chosen: tuple[str, ...], to: list[str] | None, *, newest: bool
) -> list[Move]:
    if to:
        targets = read_targets(to, NAMES)
        return moves([read_owner(stack, each) for each in targets], targets)
    owners = [read_owner(stack, each) for each in NAMES]
    # by all of them: a deployment may have changed only the others
    targets = (
        {owner.name: owner.newest for owner in owners} if newest else before_last_deployment(owners)
    )
    return moves(owners, {each: targets[each] for each in chosen if each in targets})


def _show(stack: Stack, planned: list[Move]) -> None:
    """On stderr, so that --json has stdout for itself."""
    for move in planned:
        if move.is_done:
            continue
        print(f"{move.name}: live {move.old} -> {move.new}", file=sys.stderr)
        old, new = (read_content(stack, move.name, each) for each in (move.old, move.new))
        for line in difference(old, new) or ["no difference"]:
            print(f"    {line}", file=sys.stderr)

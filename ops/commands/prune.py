"""`prune`: old published versions."""

import sys
from typing import Annotated

import typer

from ops.audit import record
from ops.commands.confirm import ConfirmOption, YesOption, confirm
from ops.commands.options import JsonOption, LocalOption, StackOption, open_stack, stack_name
from ops.commands.output import print_json
from ops.commands.results import Pruned
from ops.prune import Version, delete_versions, kept_versions, old_versions


def prune_command(
    *,
    stack: StackOption = None,
    local: LocalOption = False,
    keep: Annotated[
        int | None, typer.Option(metavar="N", help="default: the setting keptVersions")
    ] = None,
    delete: Annotated[
        bool, typer.Option("--delete", help="without it they are only listed")
    ] = False,
    yes: YesOption = False,
    confirmed: ConfirmOption = None,
    as_json: JsonOption = False,
) -> None:
    """List old published versions, or delete them.

    Of the functions and of the state machine. Never: the newest, what an alias points at,
    what has provisioned concurrency. It shows what it deletes and asks; the same command again
    deletes what is left.

    \b
    Example:
      python -m ops prune --stack prod --delete
    """
    name = stack_name(stack, local)
    kept = kept_versions(name) if keep is None else keep
    opened = open_stack(name)
    old = old_versions(opened, kept)
    audit = ""
    if old and delete:
        _show(old)
        confirm(name, yes=yes, confirmed=confirmed)
        what = ", ".join(f"{each.owner} {each.number}" for each in old)
        audit = record(opened, f"delete versions: {what}", "")
        delete_versions(opened, old)
    if as_json:
        print_json(Pruned(delete, kept, old, audit))
        return
    if not delete:
        _show(old)
    done = "deleted" if delete else "would be deleted, with --delete"
    print(f"versions {done}: {len(old)}; kept of each: the newest {kept} and those in use")


def _show(versions: list[Version]) -> None:
    """On stderr, so that --json has stdout for itself."""
    for version in versions:
        print(f"{version.owner} {version.number}", file=sys.stderr)

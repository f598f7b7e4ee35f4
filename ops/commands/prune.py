"""`prune`: old published versions."""

from typing import Annotated

import typer

from ops.commands.options import JsonOption, LocalOption, StackOption, open_stack, stack_name
from ops.commands.output import print_json
from ops.commands.results import Pruned
from ops.prune import kept_versions, prune


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
    as_json: JsonOption = False,
) -> None:
    """List old published versions, or delete them.

    Of the functions and of the state machine. Never: the newest, what an alias points at,
    what has provisioned concurrency.

    \b
    Example:
      python -m ops prune --stack prod --delete
    """
    name = stack_name(stack, local)
    kept = kept_versions(name) if keep is None else keep
    old = prune(open_stack(name), kept, delete=delete)
    if as_json:
        print_json(Pruned(delete, kept, old))
        return
    for version in old:
        print(f"{version.owner} {version.number}")
    done = "deleted" if delete else "would be deleted, with --delete"
    print(f"versions {done}: {len(old)}; kept of each: the newest {kept} and those in use")

"""`verify`: the post-deploy checks."""

from typing import Annotated

import typer

from ops.audit import record
from ops.commands.confirm import ConfirmOption, YesOption, confirm
from ops.commands.options import JsonOption, LocalOption, StackOption, open_stack, stack_name
from ops.commands.output import print_json
from ops.commands.results import Verified
from ops.verify.canary import canary_of, run_canary
from ops.verify.verify import verify


def verify_command(
    *,
    stack: StackOption = None,
    local: LocalOption = False,
    canary: Annotated[
        bool, typer.Option("--canary", help="also run one action, of the setting canary's goal")
    ] = False,
    yes: YesOption = False,
    confirmed: ConfirmOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check that a stack is what this checkout declares.

    Functions (live version, code, state), state machine (definition), table, key, logs, alarms,
    topics, rules, the archive's bucket, the backups' vault and plan, and the API's health; each as
    expected and as found. Check out the commit that
    was deployed first. Exit status 1 if a check fails. With --canary it also starts a goal that
    is kept for this, as its owner would, and waits for the saved tasks: it asks first.

    \b
    Example:
      python -m ops verify --stack prod
    """
    name = stack_name(stack, local)
    opened = open_stack(name)
    chosen = canary_of(opened) if canary else None
    lines = verify(opened)
    if chosen:
        confirm(name, yes=yes, confirmed=confirmed)
        record(opened, f"canary: start goal {chosen.goal_id}", "")
        lines += run_canary(opened, chosen)
    failed = sum(not line.passed for line in lines)
    if as_json:
        print_json(Verified(failed == 0, lines))
    else:
        for line in lines:
            if line.passed:
                print(f"✓ {line.subject}: {line.check} {line.found}")
            else:
                print(f"✗ {line.subject}: {line.check}")
                print(f"    expected {line.expected}\n    found    {line.found}")
        print(f"{len(lines)} checks, {failed} failed")
    if failed:
        raise typer.Exit(1)

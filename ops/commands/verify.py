"""`verify`: the post-deploy checks."""

import typer

from ops.commands.options import JsonOption, LocalOption, StackOption, open_stack, stack_name
from ops.commands.output import print_json
from ops.commands.results import Verified
from ops.verify.verify import verify


def verify_command(
    *, stack: StackOption = None, local: LocalOption = False, as_json: JsonOption = False
) -> None:
    """Check that a stack is what this checkout declares.

    Functions (live version, code, state), state machine (definition), table, key, logs, alarms,
    topics, rules and the API's health; each as expected and as found. Check out the commit that
    was deployed first. Exit status 1 if a check fails.

    \b
    Example:
      python -m ops verify --stack prod
    """
    lines = verify(open_stack(stack_name(stack, local)))
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

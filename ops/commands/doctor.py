"""`doctor`: which of the guide's five troubles a stack has."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from ops.commands.options import JsonOption, LocalOption, StackOption, open_stack, stack_name
from ops.commands.output import print_json
from ops.commands.results import Diagnosis
from ops.doctor.evidence import gather
from ops.doctor.troubles import Trouble, troubles
from ops.settings import settings_of
from ops.times import moment

_SIGNS = {True: "✗", False: "✓", None: "?"}


def doctor_command(
    *,
    stack: StackOption = None,
    local: LocalOption = False,
    since: Annotated[
        str, typer.Option(metavar="TIME", help="2h, 3d, or 2026-11-29T08:00 (UTC)")
    ] = "6h",
    as_json: JsonOption = False,
) -> None:
    """Say which of the guide's five troubles the stack has, by evidence, and what to do.

    A start gets 409, an execution times out, a function times out, DynamoDB throttles, many
    actions fail. It changes nothing: remedies are lines for `pulumi config set`. Exit status 1
    if there is a trouble.

    \b
    Example:
      python -m ops doctor --stack prod --since 1d
    """
    name = stack_name(stack, local)
    now = datetime.now(UTC)
    seen = gather(open_stack(name), moment("--since", since, now), now)
    found = troubles(seen, settings_of(name))
    if as_json:
        print_json(Diagnosis(found))
    else:
        for trouble in found:
            _print(trouble, name)
    if any(trouble.found for trouble in found):
        raise typer.Exit(1)


def _print(trouble: Trouble, stack: str) -> None:
    print(f"{_SIGNS[trouble.found]} {trouble.name}: {trouble.evidence}")
    for line in trouble.advice:
        print(f"    {line}")
    for each in trouble.settings:
        print(f"    {each.path} {each.now} -> {each.then}:")
        print(f"    pulumi config set --stack {stack} --path goal-mandala:{each.path} {each.then}")
    if trouble.settings:
        print(f"    pulumi up --stack {stack}")

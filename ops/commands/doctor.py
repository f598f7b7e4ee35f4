"""`doctor`: which of the guide's five troubles a stack has."""

import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer

from ops.commands.confirm import ConfirmOption, YesOption, confirm
from ops.commands.options import JsonOption, LocalOption, StackOption, open_stack, stack_name
from ops.commands.output import print_json
from ops.commands.results import Cured, Diagnosis
from ops.doctor.acting import carry_out
from ops.doctor.evidence import gather
from ops.doctor.remedies import Remedy, remedies
from ops.doctor.troubles import Trouble, troubles
from ops.problems import OperatorError
from ops.settings import settings_of
from ops.stack import Stack
from ops.times import moment

_SIGNS = {True: "✗", False: "✓", None: "?"}


def doctor_command(
    *,
    stack: StackOption = None,
    local: LocalOption = False,
    since: Annotated[
        str, typer.Option(metavar="TIME", help="2h, 3d, or 2026-11-29T08:00 (UTC)")
    ] = "6h",
    yes: YesOption = False,
    confirmed: ConfirmOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say which of the guide's five troubles the stack has, by evidence, and what to do.

    A start gets 409, an execution times out, a function times out, DynamoDB throttles, many
    actions fail. It offers, one by one, what it can do itself: free a goal, stop an execution that
    is overdue, retry failed actions. Settings are lines for `pulumi config set`, and yours to run.
    Exit status 1 if there is a trouble.

    \b
    Example:
      python -m ops doctor --stack prod --since 1d
    """
    name = stack_name(stack, local)
    now = datetime.now(UTC)
    opened, settings = open_stack(name), settings_of(name)
    seen = gather(opened, moment("--since", since, now), now, settings.workflow_timeout)
    found = troubles(seen, settings)
    offered = remedies(seen, found)
    if not as_json:
        for trouble in found:
            _print(trouble, name)
        for remedy in offered:
            print(f"  {remedy.kind} {remedy.target} (goal {remedy.goal_id}): {remedy.why}")
    asks = sys.stdin.isatty() and not as_json
    done = [*_act(opened, _agreed(offered, name, yes=yes, confirmed=confirmed, asks=asks))]
    if as_json:
        print_json(Diagnosis(found, offered, done))
    for each in () if as_json else done:
        print(f"  {each.remedy.kind} {each.remedy.target}: {each.outcome}")
    if any(trouble.found for trouble in found):
        raise typer.Exit(1)


def _agreed(
    offered: Sequence[Remedy], stack: str, *, yes: bool, confirmed: str | None, asks: bool
) -> Iterator[Remedy]:
    """Those that the operator agrees to: all with --yes, else one by one; none without a person."""
    if yes or confirmed is not None:
        if offered:
            confirm(stack, yes=yes, confirmed=confirmed)
        yield from offered
    elif asks:
        for remedy in offered:
            if typer.confirm(f"{remedy.kind} {remedy.target}?", err=True):
                confirm(stack, yes=True, confirmed=confirmed)
                yield remedy


def _act(stack: Stack, agreed: Iterator[Remedy]) -> Iterator[Cured]:
    for remedy in agreed:
        try:
            yield Cured(remedy, *carry_out(stack, remedy))
        except OperatorError as error:  # the others may still help
            yield Cured(remedy, f"not done: {error}", "")


def _print(trouble: Trouble, stack: str) -> None:
    print(f"{_SIGNS[trouble.found]} {trouble.name}: {trouble.evidence}")
    for line in trouble.advice:
        print(f"    {line}")
    for each in trouble.settings:
        print(f"    {each.path} {each.now} -> {each.then}:")
        print(f"    pulumi config set --stack {stack} --path goal-mandala:{each.path} {each.then}")
    if trouble.settings:
        print(f"    pulumi up --stack {stack}")

"""`goal`: why a goal gets 409."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from ops.commands.options import JsonOption, LocalOption, StackOption, open_stack, stack_name
from ops.commands.output import print_json
from ops.executions.goal import read_goal
from ops.stack import goal_of


def goal_command(
    goal: Annotated[str, typer.Argument(metavar="GOAL", help="its id")],
    *,
    stack: StackOption = None,
    local: LocalOption = False,
    as_json: JsonOption = False,
) -> None:
    """Say why a goal gets 409 Conflict, and what to do about it.

    Exit status 1 if what holds the goal will not go away by itself.

    \b
    Example:
      python -m ops goal 5f0c7a52-93ab-4f6e-8a39-6a2f8a1e0d11 --stack prod
    """
    goal_id = goal_of(goal)
    found = read_goal(open_stack(stack_name(stack, local)), goal_id, datetime.now(UTC))
    if as_json:
        print_json(found)
    else:
        print(f"{'busy' if found.busy else 'free'}: {found.why}")
        print(f"what to do: {found.what_to_do}")
    if not found.healthy:
        raise typer.Exit(1)

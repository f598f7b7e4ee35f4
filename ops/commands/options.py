"""The options that commands share, and the stack that they choose."""

from typing import Annotated

import typer

from components.settings import ENVIRONMENTS
from ops.local import open_local_stack
from ops.stack import LOCAL, Stack, open_aws_stack

_ALLOWED = ", ".join(ENVIRONMENTS)


def _stacks(incomplete: str) -> list[str]:
    return [each for each in ENVIRONMENTS if each.startswith(incomplete)]


StackOption = Annotated[
    str | None,
    typer.Option(
        "--stack",
        metavar="NAME",
        autocompletion=_stacks,
        help=f"one of {_ALLOWED}; on AWS by the profile of AWS_PROFILE",
    ),
]
LocalOption = Annotated[
    bool, typer.Option("--local", help="the embedded cloud, the same as --stack local")
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="one JSON object (python -m ops schema COMMAND)")
]


def stack_name(stack: str | None, local: bool) -> str:
    """The name of the stack that the options choose; usage errors end with exit status 2."""
    if local and stack not in (None, LOCAL):
        raise typer.BadParameter(f"--stack {stack} and --local name two stacks: give one")
    name = LOCAL if local else stack
    if name is None:
        raise typer.BadParameter(f"give the stack: --stack NAME ({_ALLOWED}) or --local")
    if name not in ENVIRONMENTS:
        raise typer.BadParameter(f"--stack {name}: unknown stack, allowed are {_ALLOWED}")
    return name


def open_stack(name: str) -> Stack:
    """The stack of that name; OperatorError says why it cannot be reached."""
    return open_local_stack() if name == LOCAL else open_aws_stack(name)

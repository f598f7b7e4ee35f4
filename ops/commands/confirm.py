"""Ask before something dangerous."""

import sys
from typing import Annotated

import typer

from ops.problems import OperatorError

PRODUCTION = "prod"

YesOption = Annotated[bool, typer.Option("--yes", help="do not ask (not enough for prod)")]
ConfirmOption = Annotated[
    str | None,
    typer.Option("--confirm", metavar="STACK", help="the stack's name: do not ask, prod included"),
]


def confirm(stack: str, *, yes: bool, confirmed: str | None) -> None:
    """Return if the operator agrees, else end with status 1. Prod asks for its name."""
    if confirmed == stack or (yes and stack != PRODUCTION):
        return
    if confirmed is not None:
        raise typer.BadParameter(f"--confirm {confirmed}: the stack is {stack}")
    try:
        if stack != PRODUCTION:
            typer.confirm("Go on?", abort=True, err=True)
        elif typer.prompt(f"This is {stack}. Type its name to go on", err=True) != stack:
            raise typer.Abort
    except typer.Abort:
        if sys.stdin.isatty():
            raise
        way = "--yes" if stack != PRODUCTION else f"--confirm {stack}"
        raise OperatorError(
            f"nothing was done: without a terminal nobody can agree, give {way}"
        ) from None

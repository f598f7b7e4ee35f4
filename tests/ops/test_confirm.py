"""Dangerous commands ask; prod asks for its name."""

import io

import pytest
import typer

from ops.commands import confirm as module
from ops.commands.confirm import confirm
from ops.problems import OperatorError


class Terminal:
    def isatty(self) -> bool:
        return True


def answer(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    def prompt(_question: str, **_options: object) -> str:
        return text

    monkeypatch.setattr(module.typer, "prompt", prompt)
    monkeypatch.setattr(module.sys, "stdin", Terminal())


def test_yes_is_enough_but_for_prod(monkeypatch: pytest.MonkeyPatch) -> None:
    confirm("staging", yes=True, confirmed=None)
    answer(monkeypatch, "yes")
    with pytest.raises(typer.Abort):
        confirm("prod", yes=True, confirmed=None)


def test_prod_wants_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, "prod")
    confirm("prod", yes=False, confirmed=None)
    confirm("prod", yes=False, confirmed="prod")


def test_the_name_of_another_stack_confirms_nothing() -> None:
    with pytest.raises(typer.BadParameter, match="--confirm staging: the stack is prod"):
        confirm("prod", yes=True, confirmed="staging")


@pytest.mark.parametrize(("stack", "way"), [("staging", "--yes"), ("prod", "--confirm prod")])
def test_without_a_terminal_the_option_is_named_that_agrees(
    stack: str, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module.sys, "stdin", io.StringIO())
    with pytest.raises(OperatorError, match=f"nothing was done: .* give {way}"):
        confirm(stack, yes=False, confirmed=None)

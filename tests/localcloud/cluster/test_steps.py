"""The steps of a command print one line each."""

import io
import re

import pytest
from rich.console import Console

from localcloud.cluster.steps import Steps


def output(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.fixture
def plain() -> Console:
    return Console(width=80, file=io.StringIO(), highlight=False)


def test_steps_are_numbered_and_timed(plain: Console) -> None:
    steps = Steps(plain)
    with steps.step("Do this") as step:
        step.text = "Did this"
    with steps.step("Did that"):
        pass

    assert re.fullmatch(r"✓ 1 Did this  \d\.\d s\n✓ 2 Did that  \d\.\d s\n", output(plain))


def test_a_step_that_fails_is_marked_and_raises_its_error(plain: Console) -> None:
    with pytest.raises(ZeroDivisionError), Steps(plain).step("Divide"):
        raise ZeroDivisionError

    assert output(plain).startswith("✗ 1 Divide")


def test_markup_in_a_steps_text_is_printed_as_it_is(plain: Console) -> None:
    with Steps(plain).step("The goal [bold]x[/bold]"):
        pass

    assert "The goal [bold]x[/bold]" in output(plain)

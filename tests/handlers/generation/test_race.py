"""Which of two calls counts, and when the second one begins, by a script of how they end."""

from collections.abc import Sequence

import pytest

from handlers.generation.model import ModelReply
from handlers.generation.race import EndedCall, Raced, race
from handlers.storage.models import Usage

FIRST, SECOND = ModelReply("tool_use", [], Usage(1), 1), ModelReply("tool_use", [], Usage(2), 2)
SLOW = None
BROKEN, REFUSED = ValueError("first"), KeyError("second")


class Script:
    """Calls that end as written; `SLOW`: none ends in the time that is waited."""

    def __init__(self, ends: Sequence[EndedCall | None]) -> None:
        self._ends = list(ends)
        self.waited = list[float | None]()
        self.started = list[int]()

    def start(self, number: int) -> None:
        self.started.append(number)

    def next_ended(self, seconds: float | None) -> EndedCall | None:
        self.waited.append(seconds)
        end = self._ends.pop(0)
        assert end or seconds is not None, "it waits for ever"
        return end


def raced(*ends: EndedCall | None, second: int | None = 8) -> tuple[Raced, Script]:
    """A race of call 7 and a second one that begins after 5 seconds."""
    script = Script(ends)
    return race(script, 7, 5, lambda: second), script


def test_a_quick_call_is_alone() -> None:
    found, script = raced(EndedCall(7, FIRST))
    assert found.answer() == (7, FIRST)
    assert (script.started, script.waited) == ([7], [5])


def test_a_call_that_fails_quickly_is_alone_too() -> None:
    found, script = raced(EndedCall(7, BROKEN))
    with pytest.raises(ValueError, match="first"):
        found.answer()
    assert script.started == [7]


@pytest.mark.parametrize(("number", "reply"), [(7, FIRST), (8, SECOND)])
def test_the_first_answer_counts_and_nobody_waits_for_the_other(
    number: int, reply: ModelReply
) -> None:
    found, script = raced(SLOW, EndedCall(number, reply), SLOW)
    assert found.answer() == (number, reply)
    assert found.in_flight == (15 - number,)
    assert (script.started, script.waited) == ([7, 8], [5, None, 0])


def test_a_call_that_has_ended_meanwhile_is_not_in_flight() -> None:
    found, _ = raced(SLOW, EndedCall(8, SECOND), EndedCall(7, FIRST))
    assert found.answer() == (8, SECOND)
    assert found.in_flight == ()


@pytest.mark.parametrize("failed", [7, 8])
def test_a_call_that_fails_waits_for_the_other(failed: int) -> None:
    other = 15 - failed
    found, script = raced(SLOW, EndedCall(failed, BROKEN), EndedCall(other, FIRST))
    assert found.answer() == (other, FIRST)
    assert script.waited == [5, None, None]


@pytest.mark.parametrize("order", [(7, 8), (8, 7)])
def test_if_both_fail_it_is_the_first_ones_error(order: tuple[int, int]) -> None:
    errors = {7: BROKEN, 8: REFUSED}
    found, _ = raced(SLOW, *(EndedCall(number, errors[number]) for number in order))
    with pytest.raises(ValueError, match="first"):
        found.answer()
    assert found.in_flight == ()


def test_where_no_second_call_may_be_made_the_first_one_is_waited_for() -> None:
    found, script = raced(SLOW, EndedCall(7, FIRST), second=None)
    assert found.answer() == (7, FIRST)
    assert (script.started, script.waited) == ([7], [5, None])

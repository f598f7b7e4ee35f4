"""Decides about two calls of the model that race: when the second begins, and which one counts.

The first answer wins. A call that fails waits for the other one; if both fail, it is as if there
had been the first one alone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from handlers.generation.model import ModelReply


@dataclass(frozen=True)
class EndedCall:
    """A call, by its number, with its answer or its error."""

    number: int
    outcome: ModelReply | Exception


class CallsInFlight(Protocol):
    """Calls that are made at the same time."""

    def start(self, number: int) -> None:
        """Begin a call; returns at once."""
        ...

    def next_ended(self, seconds: float | None) -> EndedCall | None:
        """The next call that ends, or None if none does in this time."""
        ...


@dataclass(frozen=True)
class Raced:
    """What became of the calls.

    ended: in the order of their ends. in_flight: the numbers of those that have not ended, of which
    there are none unless one was answered.
    """

    first: int
    ended: tuple[EndedCall, ...]
    in_flight: tuple[int, ...]

    def answer(self) -> tuple[int, ModelReply]:
        """The number of the call that was answered first, and its answer.

        Raises the first call's error if none was answered.
        """
        errors = dict[int, Exception]()
        for call in self.ended:
            if isinstance(call.outcome, ModelReply):
                return call.number, call.outcome
            errors[call.number] = call.outcome
        raise errors[self.first]


def race(
    calls: CallsInFlight,
    first: int,
    after_seconds: float,
    count_second: Callable[[], int | None],
) -> Raced:
    """Make the first call and, if it has not ended after so many seconds, a second one.

    count_second: called before the second call; returns its number, or None if it may not be made.
    """
    calls.start(first)
    in_flight, ended = [first], list[EndedCall]()
    patience: float | None = after_seconds
    is_answered = False
    while in_flight:
        call = calls.next_ended(patience)
        if call:
            in_flight.remove(call.number)
            ended.append(call)
            is_answered = is_answered or isinstance(call.outcome, ModelReply)
        elif is_answered:
            break
        elif (second := count_second()) is not None:
            calls.start(second)
            in_flight.append(second)
        # After an answer: who has ended by now, too. Before one: there is no third call.
        patience = 0 if is_answered else None
    return Raced(first, tuple(ended), tuple(in_flight))

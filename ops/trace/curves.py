"""What changes while an execution goes on, as step curves. Pure functions."""

from collections.abc import Iterable
from datetime import datetime

from ops.trace.picture import Picture

Curve = list[tuple[datetime, float]]
"""(moment, value) pairs: the value holds from its moment on."""


def in_flight(picture: Picture) -> Curve:
    """How many actions are being generated at once; waits between attempts do not count."""
    changes: list[tuple[datetime, float]] = []
    for action in picture.actions:
        for attempt in action.attempts:
            changes += [(attempt.works_from, 1), (attempt.ended_at or picture.ends_at, -1)]
    return _summed(changes)


def tokens(picture: Picture) -> Curve:
    """Tokens of the actions that have ended, in and out."""
    return _summed(
        (action.ended_at, action.input_tokens + action.output_tokens)
        for action in picture.actions
        if action.ended_at
    )


def highest(curve: Curve) -> float:
    """The greatest value."""
    return max((value for _, value in curve), default=0)


def _summed(changes: Iterable[tuple[datetime, float]]) -> Curve:
    curve: Curve = []
    total = 0.0
    # at one moment ends come before starts, so that a hand-over does not count twice
    for moment, change in sorted(changes):
        total += change
        if curve and curve[-1][0] == moment:
            curve.pop()
        curve.append((moment, total))
    return curve

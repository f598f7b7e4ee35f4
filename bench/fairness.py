"""How evenly waits are spread over users."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean


def jain(shares: Sequence[float]) -> float:
    """Jain's index: 1 if all shares are equal, 1/n if one of n has everything.

    (R. Jain, D. Chiu, W. Hawe: A quantitative measure of fairness, DEC-TR-301, 1984)
    """
    squares = sum(each * each for each in shares)
    return sum(shares) ** 2 / (len(shares) * squares) if squares else 1.0


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that so many percent of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(math.ceil(len(ordered) * percent / 100) - 1, 0)]


@dataclass(frozen=True)
class Waits:
    """The waits of all goals, in seconds.

    worst_user: the longest mean of a user.
    first_jain: Jain's index of how soon each user's first goal began (1 / (wait + 1 s)).
    """

    p50: float
    p95: float
    longest: float
    worst_user: float
    first_jain: float


def waits_of(by_user: Mapping[str, Sequence[float]]) -> Waits:
    """Of each user's goals, in the order in which they were asked for."""
    every = [wait for waits in by_user.values() for wait in waits]
    return Waits(
        percentile(every, 50),
        percentile(every, 95),
        max(every),
        max(map(fmean, by_user.values())),
        jain([1 / (1 + min(waits)) for waits in by_user.values()]),
    )

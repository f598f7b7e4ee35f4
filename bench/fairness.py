"""How evenly waits are spread over users."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


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


def fair_shares(demands: Mapping[str, int], total: int) -> dict[str, float]:
    """Max-min fair shares: nobody gets more than they ask for, the rest is shared evenly."""
    shares, left = dict[str, float](), float(total)
    ordered = sorted(demands.items(), key=lambda each: each[1])
    for place, (user, demand) in enumerate(ordered):
        shares[user] = min(demand, left / (len(ordered) - place))
        left -= shares[user]
    return shares


@dataclass(frozen=True)
class Waits:
    """The waits of goals that were asked for at the same time, in seconds.

    jain: Jain's index of what each user has got when half of all goals have begun, in shares of
        the max-min fair share.
    """

    p50: float
    p95: float
    longest: float
    jain: float


def waits_of(by_user: Mapping[str, Sequence[float]]) -> Waits:
    """Of each user's goals."""
    every = sorted((wait, user) for user, waits in by_user.items() for wait in waits)
    half = len(every) // 2
    begun = Counter(user for _, user in every[:half])
    fair = fair_shares({user: len(waits) for user, waits in by_user.items()}, half)
    waits = [wait for wait, _ in every]
    return Waits(
        percentile(waits, 50),
        percentile(waits, 95),
        waits[-1],
        jain([begun[user] / fair[user] for user in by_user if fair[user]]),
    )

"""How long a call takes: mostly about the same, now and then much longer, as hosted models do."""

import math
from random import Random

TAIL_SHARE = 0.04
"""Share of calls that end up in the tail."""
TAIL_EXPONENT = 1.6
"""Pareto exponent of the tail: below 2, so single calls dominate its sum."""
TAIL_FROM = 3.0
"""Where the tail begins, in means."""
CAP = 20.0
"""No call takes longer than this many means."""
BODY_SIGMA = 0.35
"""Spread of the lognormal body: nine of ten calls lie within a factor of 1.8 of its median."""


def draw_latency_seconds(rng: Random, mean_seconds: float) -> float:
    """One latency in seconds: lognormal body, Pareto tail, capped; 0 for a mean of 0."""
    if rng.random() < TAIL_SHARE:
        means = min(TAIL_FROM * rng.paretovariate(TAIL_EXPONENT), CAP)
    else:
        mu = math.log(_BODY_MEAN) - BODY_SIGMA**2 / 2
        means = min(rng.lognormvariate(mu, BODY_SIGMA), CAP)
    return means * mean_seconds


def _capped_tail_mean() -> float:
    # E[min(X, cap)] of a Pareto variable X from x to infinity with exponent a
    a, x = TAIL_EXPONENT, TAIL_FROM
    return (a * x - x**a * CAP ** (1 - a)) / (a - 1)


# The body's mean is what is left for the whole to have mean 1.
_BODY_MEAN = (1 - TAIL_SHARE * _capped_tail_mean()) / (1 - TAIL_SHARE)

"""The distribution of latencies: most are similar, a few are much longer, as with hosted models."""

import math
from random import Random

TAIL_SHARE = 0.04
"""Share of calls in the tail."""
TAIL_EXPONENT = 1.6
"""Pareto exponent of the tail: below 2, so that single calls dominate the sum."""
TAIL_FROM = 3.0
"""Start of the tail, in multiples of the mean."""
MAX_LATENCY = 20.0
"""Longest latency, in multiples of the mean."""
BODY_SIGMA = 0.35
"""Spread of the lognormal body: nine of ten calls lie within a factor of 1.8 of its median."""


def draw_latency_seconds(rng: Random, mean_seconds: float) -> float:
    """One latency in seconds: lognormal body, Pareto tail, capped; 0 for a mean of 0."""
    if rng.random() < TAIL_SHARE:
        means = min(TAIL_FROM * rng.paretovariate(TAIL_EXPONENT), MAX_LATENCY)
    else:
        mu = math.log(_BODY_MEAN) - BODY_SIGMA**2 / 2
        means = min(rng.lognormvariate(mu, BODY_SIGMA), MAX_LATENCY)
    return means * mean_seconds


def _capped_tail_mean() -> float:
    # E[min(X, cap)] of a Pareto variable X from x to infinity with exponent a
    a, x = TAIL_EXPONENT, TAIL_FROM
    return (a * x - x**a * MAX_LATENCY ** (1 - a)) / (a - 1)


# chosen so that body and tail together have the mean 1
_BODY_MEAN = (1 - TAIL_SHARE * _capped_tail_mean()) / (1 - TAIL_SHARE)

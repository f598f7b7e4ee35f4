"""Percentiles as CloudWatch names them, and how many samples they need."""

import re

_PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d{1,10})?|100)")


def percentile_rank(name: str) -> float:
    """95.0 for `p95`. Raises ValueError if the name is no percentile."""
    found = _PERCENTILE.fullmatch(name)
    if found is None:
        raise ValueError(f"Statistic {name!r} is no percentile: p0 to p100 are allowed")
    return float(found[1])


def required_samples(rank: float) -> float:
    """The number of samples below which a percentile is not significant.

    (User guide, "Percentile-based CloudWatch alarms and low data samples": 10 / (1 - percentile)
    from the median upwards, 10 / percentile below it.)
    """
    share = rank / 100
    distance = 1 - share if share >= 0.5 else share  # noqa: PLR2004 - the median
    return 10 / distance if distance else float("inf")

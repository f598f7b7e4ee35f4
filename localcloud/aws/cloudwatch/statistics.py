"""The statistics of one period's samples.

(CloudWatch user guide: "CloudWatch statistics definitions".) How CloudWatch reaches a percentile
between two samples is not published: here it is linear interpolation, the emulator's too.
"""

import re
from collections.abc import Callable, Sequence

_BASIC: dict[str, Callable[[Sequence[float]], float]] = {
    "Sum": sum,
    "Average": lambda values: sum(values) / len(values),
    "Minimum": min,
    "Maximum": max,
    "SampleCount": len,
}
_PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d{1,10})?|100)")


def statistic(name: str, values: Sequence[float]) -> float:
    """A statistic of at least one sample; ValueError if there is none of that name."""
    if name in _BASIC:
        return float(_BASIC[name](values))
    return _percentile(percentile_rank(name), sorted(values))


def percentile_rank(name: str) -> float:
    """95.0 of `p95`; ValueError if it is no percentile."""
    found = _PERCENTILE.fullmatch(name)
    if found is None:
        raise ValueError(f"Statistic {name!r}: one of {', '.join(_BASIC)} or p0 to p100")
    return float(found[1])


def needed_samples(rank: float) -> float:
    """Below so many samples a percentile has too few to say much.

    (User guide, "Percentile-based CloudWatch alarms and low data samples": 10 / (1 - percentile)
    from the median upwards, 10 / percentile below it.)
    """
    share = rank / 100
    distance = 1 - share if share >= 0.5 else share  # noqa: PLR2004 - the median
    return 10 / distance if distance else float("inf")


def _percentile(rank: float, ordered: Sequence[float]) -> float:
    position = rank / 100 * (len(ordered) - 1)
    below = int(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (position - below) * (ordered[above] - ordered[below])

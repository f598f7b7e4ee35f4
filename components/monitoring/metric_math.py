"""CloudWatch's metric math, as far as alarms use it: sums, rates with a floor, "tried in vain".

An example. In 15 minutes 6 executions failed, 14 succeeded and none timed out. No source sends
zeroes, so `timedOut` has no value in that period. In a sum with other metrics it counts as 0, but
`timedOut >= 5` has no value, an IF over it has none either, and the alarm has nothing to judge.
`FILL(timedOut, 0)` is 0 there. `total(["failed", "timedOut", "succeeded"])` is 20, and

    rate(filled("failed"), "ended", {"ended": 5, filled("failed"): 5})
    IF(ended >= 5 AND FILL(failed, 0) >= 5, 100 * FILL(failed, 0) / ended, 0)

is 100 * 6 / 20 = 30 (percent). If 1 of 1 had failed, it would be 0 instead of 100: a rate below its
floors (5 ended, 5 of them failed) is chance. The floors also keep it from dividing by 0.

(Amazon CloudWatch User Guide: using metric math, functions FILL and IF)
"""

from collections.abc import Iterable, Mapping

_MANY = 1_000_000
"""More than is ever counted in one period."""


def filled(id_: str) -> str:
    """A metric, 0 in periods without a value."""
    return f"FILL({id_}, 0)"


def total(ids: Iterable[str]) -> str:
    """The sum of a few metrics, each filled."""
    return " + ".join(filled(id_) for id_ in ids)


def total_of_many(ids: Iterable[str]) -> str:
    """The same as a function of a list."""
    return f"SUM([{', '.join(filled(id_) for id_ in ids)}])"


def rate(part: str, whole: str, floors: Mapping[str, int]) -> str:
    """100 * part / whole (percent); 0 where an expression is below its floor."""
    conditions = " AND ".join(f"{each} >= {least}" for each, least in floors.items())
    return f"IF({conditions}, 100 * {part} / {whole}, 0)"


def in_vain(tried: str, succeeded: str, least: int) -> str:
    """1 where at least so many were tried and none succeeded, else 0.

    One difference instead of a comparison for each: AWS does not publish whether FILL fills a
    metric that never had a value, but in a difference with one that has, it counts as 0.
    """
    return f"IF({tried} - {_MANY} * {filled(succeeded)} >= {least}, 1, 0)"

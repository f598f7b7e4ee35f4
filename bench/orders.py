"""Would another order of launch, nested batches or second calls make 64 actions end earlier?

By simulation: each model of latencies is drawn for each seed, and each way of scheduling runs over
the same draws. A run on a machine would add its own delays to all of them alike.
"""

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from random import Random

from bench.figures import Figure, Section, Table
from bench.scheduling import hedged_schedule, list_schedule, nested_batches
from localcloud.bedrock.latency import draw_latency_seconds

ACTIONS, AT_ONCE = 64, 24
BATCHES_AT_ONCE, ACTIONS_AT_ONCE, BATCH_SIZE = 3, 8, 8
TEN_SEEDS, MANY_SEEDS = range(10), range(1000)

MODELS: Mapping[str, Callable[[Random], float]] = {
    "the model server's": lambda rng: draw_latency_seconds(rng, 1.0),
    "lognormal, sigma 1": lambda rng: rng.lognormvariate(-0.5, 1.0),
    "Pareto, exponent 1.5": lambda rng: min(rng.paretovariate(1.5) / 3, 20.0),
}
"""Three heavy tails of mean about 1; the Pareto one is capped at 20, as the model server's is."""

_KNOWN = (0.0, 0.3, 0.6, 1.0)
_HEDGE_AT = (0.9, 0.95, 0.98)
_SLOW_AGAIN = (0.0, 0.25, 0.5)


def measure_orders(seeds: Sequence[int] = MANY_SEEDS) -> Section:
    """Simulate every way; each figure is a makespan / the one of today's order."""
    figures = [
        Figure(f"nested batches / flat Map, {name}", [_nested(draw, seed) for seed in seeds])
        for name, draw in MODELS.items()
    ]
    return Section(
        "orders",
        "Makespan by simulation: order, nested batches, second calls",
        f"{ACTIONS} actions, {AT_ONCE} at once; {len(seeds):,} seeds, and ten of them alone. "
        "*Known* is the correlation between what is known before the call and the logarithm of "
        "how long it takes: 0 is nothing, 1 an oracle. Before the first call only the prompt's "
        "length is known, and the answer's length, not the prompt's, decides how long a model "
        "writes. *Slow again* is the share of second calls that take as long as their first: 0 if "
        "the tail is the service's noise, 1 if the same prompt is slow each time. "
        "[Decided](../decisions/0031-use-the-goals-order-for-launching-actions.md): the "
        "order as it is, second calls by a setting.",
        figures,
        [_nested_table(seeds), _order_table(seeds), _hedge_table(seeds)],
    )


def longest_expected_first(durations: Sequence[float], known: float, rng: Random) -> list[float]:
    """Ordered by a forecast whose correlation with the durations' logarithms is `known`."""
    logs = [math.log(each) for each in durations]
    mean, deviation = statistics.mean(logs), statistics.pstdev(logs)
    noise = math.sqrt(1 - known**2)

    def forecast(log: float) -> float:
        return known * (log - mean) / deviation + noise * rng.gauss(0, 1)

    ordered = sorted(zip(map(forecast, logs), durations, strict=True), reverse=True)
    return [duration for _, duration in ordered]


def _drawn(draw: Callable[[Random], float], seed: int, purpose: str = "first") -> list[float]:
    rng = Random(f"{seed}/{purpose}")  # noqa: S311 - no secret
    return [draw(rng) for _ in range(ACTIONS)]


def _nested(draw: Callable[[Random], float], seed: int) -> float:
    drawn = _drawn(draw, seed)
    nested = nested_batches(
        drawn,
        batch_size=BATCH_SIZE,
        batches_at_once=BATCHES_AT_ONCE,
        actions_at_once=ACTIONS_AT_ONCE,
    )
    return nested / list_schedule(drawn, AT_ONCE)


def _ordered(draw: Callable[[Random], float], seed: int, known: float) -> float:
    drawn = _drawn(draw, seed)
    rng = Random(f"{seed}/forecast")  # noqa: S311 - no secret
    ordered = longest_expected_first(drawn, known, rng)
    return list_schedule(ordered, AT_ONCE) / list_schedule(drawn, AT_ONCE)


def _hedged(
    draw: Callable[[Random], float], seed: int, quantile: float, again: float
) -> tuple[float, float]:
    first, fresh = _drawn(draw, seed), _drawn(draw, seed, "second")
    # a second call repeats its first one's latency with this probability
    rng = Random(f"{seed}/again")  # noqa: S311 - no secret
    second = [a if rng.random() < again else b for a, b in zip(first, fresh, strict=True)]
    after = _quantile(draw, quantile)
    hedged = hedged_schedule(first, second, AT_ONCE, after)
    return hedged.seconds / list_schedule(first, AT_ONCE), 1 + hedged.second_calls / ACTIONS


@lru_cache
def _quantile(draw: Callable[[Random], float], share: float) -> float:
    many = sorted(each for seed in range(50) for each in _drawn(draw, seed, "history"))
    return many[int(share * len(many))]


def _nested_table(seeds: Sequence[int]) -> Table:
    rows: list[list[str]] = []
    for name, draw in MODELS.items():
        ratios = sorted(_nested(draw, seed) for seed in seeds)
        ten = statistics.median(_nested(draw, seed) for seed in TEN_SEEDS)
        at_95 = ratios[int(0.95 * (len(ratios) - 1))]
        cells = (ten, statistics.median(ratios), at_95, ratios[-1])
        rows.append([name, *(f"{cell:.2f}" for cell in cells)])
    headings = ["latencies", "median of ten seeds", "median", "95th percentile", "maximum"]
    return Table("Nested batches (3 of 8 at once) / a flat Map of 24", headings, rows)


def _order_table(seeds: Sequence[int]) -> Table:
    rows = [
        [
            name,
            *(
                f"{statistics.median(_ordered(draw, seed, known) for seed in TEN_SEEDS):.2f}; "
                f"{statistics.median(_ordered(draw, seed, known) for seed in seeds):.2f}"
                for known in _KNOWN
            ),
        ]
        for name, draw in MODELS.items()
    ]
    headings = ["latencies", *(f"known {known:g}" for known in _KNOWN)]
    return Table("Longest expected first / as given (ten seeds; all)", headings, rows)


def _hedge_table(seeds: Sequence[int]) -> Table:
    rows: list[list[str]] = []
    for name, draw in MODELS.items():
        for quantile in _HEDGE_AT:
            cells: list[str] = []
            cost = 1.0
            for again in _SLOW_AGAIN:
                pairs = [_hedged(draw, seed, quantile, again) for seed in seeds]
                cost = statistics.mean(paid for _, paid in pairs)
                cells.append(f"{statistics.median(gain for gain, _ in pairs):.2f}")
            rows.append([name, f"{quantile:.0%}", *cells, f"{cost:.2f}"])
    headings = [
        "latencies",
        "second call after this share of calls has ended",
        *(f"makespan, slow again {again:g}" for again in _SLOW_AGAIN),
        "calls paid",
    ]
    return Table("With second calls / without", headings, rows)

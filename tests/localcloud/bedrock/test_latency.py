"""The distribution of latencies, with a fixed seed; no test waits."""

from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from localcloud.bedrock.latency import MAX_LATENCY, draw_latency_seconds
from localcloud.bedrock.server import ModelServer


def _drawn(mean_seconds: float, count: int = 40_000) -> list[float]:
    rng = Random(7)
    return sorted(draw_latency_seconds(rng, mean_seconds) for _ in range(count))


def test_latencies_have_the_given_mean() -> None:
    drawn = _drawn(2.0)

    assert sum(drawn) / len(drawn) == pytest.approx(2.0, rel=0.03)


def test_the_tail_is_heavy_and_capped() -> None:
    drawn = _drawn(1.0)
    median, percentile_99 = drawn[len(drawn) // 2], drawn[len(drawn) * 99 // 100]

    assert median < 0.8
    assert percentile_99 > 5 * median
    assert drawn[0] > 0
    assert drawn[-1] <= MAX_LATENCY
    assert drawn[-1] > 0.9 * MAX_LATENCY


def test_a_mean_of_0_is_no_latency() -> None:
    assert _drawn(0.0, 100) == [0.0] * 100


def test_an_answer_reports_its_latency_the_same_for_the_same_call(
    server: ModelServer, client: Any, request_for: Callable[..., dict[str, Any]]
) -> None:
    def latencies() -> list[int]:
        server.control.reset()
        server.control.change({"latency_seconds": 0.02})
        return [client.converse(**request_for())["metrics"]["latencyMs"] for _ in range(4)]

    first = latencies()
    assert latencies() == first
    assert len(set(first)) > 1

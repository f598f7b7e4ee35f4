"""What `make bench` says of the latencies that it measured."""

import pytest

from bench.fault_proxy import AwsCall
from bench.latency import (
    BARE,
    LIST,
    STATUS,
    ListAtSize,
    report_calls,
    report_latency,
    report_lists,
)


def asked(seconds: float, read: int) -> AwsCall:
    return AwsCall("Query", {}, {"ScannedCount": read}, seconds)


def test_answers_are_given_in_times_of_the_bare_function_of_the_same_part() -> None:
    calm, busy = {BARE: 0.1, STATUS: 0.15, LIST: 0.2}, {BARE: 0.2, STATUS: 0.32, LIST: 0.4}
    status, list_ = report_latency([calm, busy])
    assert status.samples == pytest.approx([1.5, 1.6])
    assert list_.samples == pytest.approx([2.0, 2.0])


def test_the_growth_of_a_list_is_given_with_and_without_what_dynamodb_took() -> None:
    small = ListAtSize(10, 0.2, 0.1, [asked(0.05, 10), asked(0.05, 9)])
    # twice as busy a machine, as the bare function shows
    large = ListAtSize(10_000, 1.0, 0.2, [asked(0.7, 21)])

    whole, own = report_lists([small, large])

    assert whole.median == pytest.approx(2.5)
    assert own.median == pytest.approx(1.0)
    assert report_calls([small, large], rounds=2).rows == [
        ["10", "2 Query", "10"],
        ["10,000", "1 Query", "21"],
    ]

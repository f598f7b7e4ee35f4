"""What `make bench` says of the latencies that it measured."""

from bench.fault_proxy import AwsCall
from bench.latency import BARE, LIST, STATUS, ListAtSize, report_latency, report_lists


def asked(seconds: float, read: int) -> AwsCall:
    return AwsCall("Query", {}, {"ScannedCount": read}, seconds)


def test_answers_are_told_in_times_of_the_bare_function() -> None:
    lines = report_latency({BARE: 0.1, STATUS: 0.15, LIST: 0.2})
    assert [line.split()[-1] for line in lines] == ["1.50", "2.00"]


def test_the_growth_of_a_list_is_told_with_and_without_what_dynamodb_took() -> None:
    small = ListAtSize(10, 0.2, 0.1, [asked(0.05, 10), asked(0.05, 9)])
    # twice as busy a machine: the bare function tells
    large = ListAtSize(10_000, 1.0, 0.2, [asked(0.7, 21)])

    whole, own, *calls = report_lists([small, large])

    assert whole.split()[-1] == "2.50"
    assert own.split()[-1] == "1.00"
    assert calls[0].strip() == ("10 executions: 2 Query for 60 pages, at most 10 items read by one")
    assert "1 Query" in calls[1]
    assert "at most 21 items" in calls[1]

"""What counts as worse when two revisions are compared."""

from bench.against import compare, got_worse
from bench.figures import Figure


def test_a_growth_beyond_the_tolerance_is_worse() -> None:
    assert got_worse(Figure("f", [1.0, 1.01]), Figure("f", [1.1, 1.12]))
    assert not got_worse(Figure("f", [1.0, 1.01]), Figure("f", [1.04, 1.04]))


def test_a_growth_within_the_spread_of_a_noisy_machine_is_no_finding() -> None:
    assert not got_worse(Figure("f", [0.8, 1.0, 1.4]), Figure("f", [1.2, 1.2, 1.2]))
    assert not got_worse(Figure("f", [1.0, 1.0, 1.0]), Figure("f", [0.9, 1.2, 1.6]))


def test_less_is_never_worse() -> None:
    assert not got_worse(Figure("f", [2.0]), Figure("f", [1.0]))


def test_only_what_both_revisions_have_is_compared() -> None:
    old = {("makespan", "requests"): [3.0], ("lists", "gone"): [1.0]}
    new = {("makespan", "requests"): [4.0], ("lists", "new"): [9.0]}
    comparison = compare(old, new)
    assert comparison.worse == ["makespan: requests"]
    [line] = comparison.lines
    assert line.startswith("WORSE")
    assert line.endswith("3.00 -> 4.00")

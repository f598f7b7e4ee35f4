"""A history that breaks something is shrunk to what it needs."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from chaos.simulation.shrink import shortest


@given(st.lists(st.integers(0, 60).map(str), unique=True, min_size=1), st.data())
def test_only_the_causes_that_are_needed_are_left(causes: list[str], data: st.DataObject) -> None:
    needed = data.draw(st.sets(st.sampled_from(causes), min_size=1))

    def breaks(some: Sequence[str]) -> bool:
        return needed <= set(some)

    assert set(shortest(causes, breaks)) == needed


def test_nothing_is_left_of_what_breaks_by_itself() -> None:
    assert shortest(["a", "b"], lambda _: True) == []

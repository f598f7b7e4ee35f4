"""Items as lines: equal items have equal lines, and a line gives the item back."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ops.backups.items import item_of, line

scalars = st.one_of(
    st.builds(lambda text: {"S": text}, st.text()),
    st.builds(lambda number: {"N": str(number)}, st.integers()),
    st.builds(lambda content: {"B": content}, st.binary()),
    st.builds(lambda flag: {"BOOL": flag}, st.booleans()),
    st.just({"NULL": True}),
    st.builds(lambda content: {"BS": sorted(content)}, st.sets(st.binary(), min_size=1)),
)
names = st.one_of(st.sampled_from(["B", "BS", "S", "L"]), st.text(min_size=1))
values: Any = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.builds(lambda each: {"L": each}, st.lists(inner)),
        st.builds(lambda each: {"M": each}, st.dictionaries(names, inner)),
    ),
    max_leaves=8,
)


@given(st.dictionaries(names, values))
def test_a_line_gives_the_item_back(item: dict[str, Any]) -> None:
    text = line(item)
    assert "\n" not in text
    assert line(item_of(text)) == text


def test_bytes_stay_bytes() -> None:
    item = {"a": {"B": b"\x00"}, "b": {"BS": [b"\x01"]}, "c": {"M": {"B": {"S": "text"}}}}
    assert item_of(line(item)) == item


def test_neither_the_order_of_names_nor_that_of_a_set_makes_a_difference() -> None:
    one = {"a": {"SS": ["x", "y"]}, "b": {"N": "1"}}
    other = {"b": {"N": "1"}, "a": {"SS": ["y", "x"]}}
    assert line(one) == line(other)
    assert line(one) != line({**one, "b": {"S": "1"}})
    assert json.loads(line(one)) == one

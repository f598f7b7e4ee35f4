"""Items as lines: equal items have equal lines, and a line gives the item back."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ops.backups.items import item_of, line


def typed(name: str, content: Any) -> Any:
    """Values of one of DynamoDB's types."""
    return st.fixed_dictionaries({name: content})


def nested(inner: Any) -> Any:
    """Lists and maps."""
    return st.one_of(
        typed("L", st.lists(inner, max_size=3)),
        typed("M", st.dictionaries(NAMES, inner, max_size=3)),
    )


NAMES: Any = st.sampled_from(["B", "BS", "S", "L", "other"])
SCALARS: Any = st.one_of(
    typed("S", st.text()),
    typed("N", st.integers().map(str)),
    typed("B", st.binary()),
    typed("BOOL", st.booleans()),
    typed("BS", st.lists(st.binary(), min_size=1, unique=True)),
)
VALUES: Any = st.recursive(SCALARS, nested, max_leaves=5)


@given(st.dictionaries(NAMES, VALUES, max_size=3))
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

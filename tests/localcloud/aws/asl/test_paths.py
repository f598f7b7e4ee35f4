"""JSONPath, as Step Functions reads it."""

from contextlib import suppress
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.aws.executions.asl.paths import read
from localcloud.aws.executions.errors import PathNotFoundError

BOOKS: dict[str, Any] = {
    "store": {
        "book": [
            {"title": "A", "price": 8.95, "isbn": "1"},
            {"title": "B", "price": 12.99},
            {"title": "C", "price": 22, "tags": ["x", "y"]},
        ],
        "owner-name": "O",
    }
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$.store.owner-name", "O"),
        ("$['store']['owner-name']", "O"),
        ("$.store.book[1].title", "B"),
        ("$.store.book[-1].title", "C"),
        ("$.store.book[*].title", ["A", "B", "C"]),
        ("$.store.book[0,2].title", ["A", "C"]),
        ("$.store.book[1:].title", ["B", "C"]),
        ("$.store.book[:1].title", ["A"]),
        ("$..title", ["A", "B", "C"]),
        ("$..book[2].tags[0]", ["x"]),
        ("$.store.book[?(@.price < 10)].title", ["A"]),
        ("$.store.book[?(@.isbn)].title", ["A"]),
        ("$.store.book[?(!(@.isbn) && @.price > 20)].title", ["C"]),
        ("$.store.book[?(@.title == 'A' || @.title == \"B\")].title", ["A", "B"]),
        ("$.store.book[?(@.title =~ /[a-b]/i)].title", ["A", "B"]),
        ("$.store.book[?(@.price =~ /2./)].title", ["C"]),
        ("$.store.book[?(@.title in ['A', 'C'])].title", ["A", "C"]),
        ("$.store.book[?(@.tags contains 'y')].title", ["C"]),
        ("$.store.nothing[*]", []),
        ("$.nowhere.at[1:].all", []),
        ("$", BOOKS),
    ],
)
def test_a_path_finds_one_value_or_a_list(path: str, found: Any) -> None:
    assert read(path, BOOKS) == found


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("$.store.missing", "No results for path: $['store']['missing']"),
        ("$.missing.deeper.still", "Missing property in path $['missing']"),
        ("$.store.book[7]", "No results for path: $['store']['book'][7]"),
        ("$.store[0]", "Filter: [0] can only be applied to arrays. Current context is: "),
        ("$.store.owner-name.x", "Expected to find an object with property ['x'] in path $['store"),
        ("$.store[?(@.price <)]", "Expected an operand at position"),
        ("$.store..", "Could not parse"),
        ("$.store[", "Could not parse"),
    ],
)
def test_a_definite_path_that_finds_nothing_says_why(path: str, message: str) -> None:
    with pytest.raises(PathNotFoundError) as caught:
        read(path, BOOKS)

    assert caught.value.message.startswith(message)


names = st.text(st.characters(exclude_characters="'\"\\"), min_size=1)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, min_size=1) | st.dictionaries(names, inner, min_size=1),
    max_leaves=10,
)


@given(values, st.data())
def test_every_value_is_found_by_the_path_to_it(document: Any, data: st.DataObject) -> None:
    path, value = "$", document
    while keys := _keys(value):
        if data.draw(st.booleans()):
            break
        key = data.draw(st.sampled_from(keys))
        path += f"[{key}]" if isinstance(key, int) else f"['{key}']"
        value = value[key]

    assert read(path, document) == value


def _keys(value: Any) -> list[int | str]:
    if type(value) is dict:
        return list(cast("dict[str, Any]", value))
    return list(range(len(cast("list[Any]", value)))) if type(value) is list else []


@given(st.text())
def test_whatever_follows_the_root_is_read_or_refused(text: str) -> None:
    with suppress(PathNotFoundError):
        read("$" + text, BOOKS)

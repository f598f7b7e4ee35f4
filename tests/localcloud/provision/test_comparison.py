"""The comparison of what is declared with what is held."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from localcloud.provision.comparison import ABSENT, Difference, differences

scalars = st.booleans() | st.integers() | st.text(max_size=5)
names = st.text("abc", min_size=1, max_size=2)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)
properties = st.dictionaries(names, values, max_size=4)
few_examples = settings(max_examples=40, deadline=None)


def found(declared: dict[str, Any], held: dict[str, Any]) -> list[Difference]:
    return list(differences(declared, held))


@few_examples
@given(properties)
def test_equal_properties_have_no_difference(declared: dict[str, Any]) -> None:
    assert found(declared, declared) == []


@few_examples
@given(properties, properties)
def test_further_properties_that_are_held_are_no_difference(
    declared: dict[str, Any], more: dict[str, Any]
) -> None:
    assert found(declared, {**more, **declared}) == []


@few_examples
@given(properties, st.data())
def test_a_property_that_is_not_read_back_is_a_difference(
    declared: dict[str, Any], data: st.DataObject
) -> None:
    declared = {**declared, "wanted": False}
    lost = data.draw(st.sampled_from(sorted(declared)))
    held = {name: value for name, value in declared.items() if name != lost}
    assert [(each.path, each.held) for each in found(declared, held)] == [(lost, ABSENT)]


@few_examples
@given(st.lists(values, max_size=4), st.randoms())
def test_lists_are_equal_in_any_order(items: list[Any], random: Any) -> None:
    shuffled = list(items)
    random.shuffle(shuffled)
    assert found({"items": items}, {"items": shuffled}) == []


@few_examples
@given(st.lists(st.integers(), min_size=1, max_size=4))
def test_a_list_with_one_item_less_or_more_is_a_difference(items: list[int]) -> None:
    assert found({"items": items}, {"items": items[1:]})
    assert found({"items": items[1:]}, {"items": items})


@few_examples
@given(properties)
def test_json_texts_are_compared_as_parsed_values(document: dict[str, Any]) -> None:
    spaced, tight = json.dumps(document, indent=2), json.dumps(document, separators=(",", ":"))
    assert found({"policy": spaced}, {"policy": tight}) == []
    assert found({"policy": spaced}, {"policy": document}) == []


def test_a_nested_difference_has_its_path() -> None:
    declared = {"indexes": [{"name": "a", "keys": ["x"]}], "ttl": {"enabled": True}}
    held = {"indexes": [{"name": "a", "keys": ["y"]}], "ttl": {"enabled": False}}
    assert found(declared, held) == [
        Difference("indexes[0].keys[0]", "x", "y"),
        Difference("ttl.enabled", True, False),
    ]


def test_a_boolean_differs_from_a_number() -> None:
    assert found({"enabled": True}, {"enabled": 1})
    assert found({"count": 0}, {"count": False})


def test_a_whole_float_equals_the_integer() -> None:
    assert found({"rate": 20.0}, {"rate": 20}) == []
    assert found({"rate": 20.5}, {"rate": 20})


def test_a_property_declared_as_none_is_not_compared() -> None:
    assert found({"description": None}, {}) == []

"""Intrinsic functions, from the developer guide's examples and the edges it names."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.aws.executions.asl.intrinsics import call
from localcloud.aws.ministack import ExecutionError

KNOWN: dict[str, Any] = {
    "$.name": "Arnav",
    "$.array": [1, 2, 3, 3, 2, 1],
    "$.object": {"a": {"a1": 1}, "b": 2},
    "$.more": {"a": {"a3": 1}, "c": 3},
    "$['odd)name']": "odd",
    "$$.Execution.Name": "run",
    "$variable[0]": 7,
}


def _called(expression: str) -> Any:
    return call(expression, KNOWN.__getitem__)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("States.Format('Hello, {}. {}', $.name, 3)", "Hello, Arnav. 3"),
        (r"States.Format('\{\} it\'s {} \\', true)", "{} it's true \\"),
        ("States.Format('{}', $.object)", '{"a":{"a1":1},"b":2}'),
        ("States.Format('{} {}', $['odd)name'], $variable[0])", "odd 7"),
        ("States.Array('a', null, $$.Execution.Name)", ["a", None, "run"]),
        ("States.ArrayPartition($.array, 4)", [[1, 2, 3, 3], [2, 1]]),
        ("States.ArrayContains($.array, 3)", True),
        ("States.ArrayContains(States.Array(1), true)", False),
        ("States.ArrayRange(1, 9, 2)", [1, 3, 5, 7, 9]),
        ("States.ArrayRange(3, 1, -1)", [3, 2, 1]),
        ("States.ArrayGetItem($.array, 2)", 3),
        ("States.ArrayLength($.array)", 6),
        ("States.ArrayUnique($.array)", [1, 2, 3]),
        ("States.Base64Encode('Data to encode')", "RGF0YSB0byBlbmNvZGU="),
        ("States.Base64Decode('RGVjb2RlZCBkYXRh')", "Decoded data"),
        ("States.Hash('input data', 'SHA-1')", "aaff4a450a104cd177d28d18d74485e8cae074b7"),
        ("States.JsonMerge($.object, $.more, false)", {"a": {"a3": 1}, "b": 2, "c": 3}),
        ("States.StringToJson('{\"number\": 20}')", {"number": 20}),
        ("States.JsonToString($.more)", '{"a":{"a3":1},"c":3}'),
        ("States.MathRandom(5, 6)", 5),
        ("States.MathAdd(111, -1)", 110),
        ("States.StringSplit('1,2;3', ',;')", ["1", "2", "3"]),
        ("States.ArrayLength( States.StringSplit('a b', ' ') )", 2),
    ],
)
def test_a_function_has_the_value_that_the_guide_gives(expression: str, value: Any) -> None:
    assert _called(expression) == value


@pytest.mark.parametrize(
    "expression",
    [
        "States.Nothing()",
        "States.Format('{}')",
        "States.Format('{}', 'a', 'b')",
        "States.ArrayPartition($.array, 0)",
        "States.ArrayRange(1, 5000, 1)",
        "States.ArrayGetItem($.array, 9)",
        "States.ArrayGetItem($.array, -1)",
        "States.Hash('a', 'SHA-3')",
        "States.JsonMerge($.object, $.more, true)",
        "States.StringToJson('{')",
        "States.MathAdd('a', 1)",
        "States.Array('a' 'b')",
        "States.UUID() and more",
        "States.Array(",
    ],
)
def test_a_call_that_cannot_be_answered_is_an_intrinsic_failure(expression: str) -> None:
    with pytest.raises(ExecutionError) as caught:
        _called(expression)

    assert caught.value.error == "States.IntrinsicFailure"


@given(st.text(st.characters(exclude_characters="\\'{}")))
def test_text_passes_through_format_unchanged(text: str) -> None:
    assert _called(f"States.Format('{text}{{}}{text}', '')") == text * 2

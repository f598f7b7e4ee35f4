"""Which fields states of a definition hand on."""

import pytest

from policies.stack.payloads import ANYTHING, ERROR, Fields, evaluated, read_in_vain

_INPUT = Fields(frozenset({"executionId", "goalId"}), frozenset({"actionIds"}))
_REQUEST = "{'requestId': $states.context.Execution.Input.requestId}"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("{% $states.input %}", _INPUT),
        ({"id": "{% $states.input.executionId %}"}, Fields(frozenset({"id"}))),
        ({}, Fields()),
        (
            "{% $merge([$states.input, {'startedAt': $states.context.Execution.StartTime}]) %}",
            Fields(_INPUT.always | {"startedAt"}, _INPUT.maybe),
        ),
        (
            f"{{% $merge([$states.input, {_REQUEST}]) %}}",
            Fields(_INPUT.always, _INPUT.maybe | {"requestId"}),
        ),
        ("{% $states.errorOutput %}", ERROR),
        ("{% $sift($states.input, $f) %}", ANYTHING),
        (7, ANYTHING),
    ],
)
def test_the_fields_of_an_expression(value: object, expected: Fields) -> None:
    assert evaluated(value, {"input": _INPUT, "errorOutput": ERROR}) == expected


def test_a_field_that_may_be_there_is_not_read_in_vain() -> None:
    text = "{% $states.input.actionIds & $states.input.goalID %}"
    assert list(read_in_vain({"a": [text]}, {"input": _INPUT})) == ["input.goalID"]


def test_nothing_is_read_in_vain_of_what_is_not_known() -> None:
    assert list(read_in_vain("{% $states.input.x %}", {"input": ANYTHING})) == []
    assert list(read_in_vain("{% $states.result.x %}", {"input": _INPUT})) == []


def test_an_object_of_unknown_fields_may_have_any() -> None:
    assert ANYTHING.has("x")
    assert not _INPUT.has("actionIds")
    assert _INPUT.may_have("actionIds")

"""The comparison operators of Choice states, each with what it accepts and what it refuses."""

from typing import Any

import pytest

from localcloud.aws.executions.asl.choices import holds
from localcloud.aws.executions.asl.paths import read
from localcloud.aws.executions.errors import PathNotFoundError, StatesRuntimeError

INPUT: dict[str, Any] = {
    "text": "log-2026.txt",
    "star": "a*b",
    "number": 5,
    "float": 5.0,
    "flag": True,
    "none": None,
    "time": "2026-01-02T03:04:05Z",
    "later": "2026-01-02T03:04:05.5+00:00",
    "list": [1],
}


def _holds(**rule: Any) -> bool:
    return holds(rule, lambda path: read(path, INPUT))


@pytest.mark.parametrize(
    ("variable", "operator", "operand", "met"),
    [
        ("$.text", "StringEquals", "log-2026.txt", True),
        ("$.number", "StringEquals", "5", False),
        ("$.text", "StringLessThan", "z", True),
        ("$.text", "StringGreaterThanEquals", "log-2026.txt", True),
        ("$.text", "StringMatches", "log-*.txt", True),
        ("$.text", "StringMatches", "log-2026?txt", False),
        ("$.star", "StringMatches", r"a\*b", True),
        ("$.text", "StringMatches", r"log\*", False),
        ("$.text", "StringEqualsPath", "$.text", True),
        ("$.number", "NumericEquals", 5.0, True),
        ("$.flag", "NumericEquals", 1, False),
        ("$.text", "NumericEquals", 5, False),
        ("$.number", "NumericLessThanEqualsPath", "$.float", True),
        ("$.number", "NumericGreaterThan", 5, False),
        ("$.flag", "BooleanEquals", True, True),
        ("$.number", "BooleanEquals", True, False),
        ("$.flag", "BooleanEqualsPath", "$.flag", True),
        ("$.time", "TimestampEquals", "2026-01-02T12:04:05+09:00", True),
        ("$.time", "TimestampLessThanPath", "$.later", True),
        ("$.text", "TimestampGreaterThan", "2026-01-02T03:04:05Z", False),
        ("$.missing", "IsPresent", False, True),
        ("$.none", "IsPresent", True, True),
        ("$.none", "IsNull", True, True),
        ("$.flag", "IsNumeric", False, True),
        ("$.number", "IsNumeric", True, True),
        ("$.list", "IsString", False, True),
        ("$.flag", "IsBoolean", True, True),
        ("$.later", "IsTimestamp", True, True),
        ("$.text", "IsTimestamp", True, False),
    ],
)
def test_a_comparison_holds_between_values_of_its_type(
    variable: str, operator: str, operand: Any, met: bool
) -> None:
    assert _holds(Variable=variable, **{operator: operand}) is met


def test_rules_combine() -> None:
    is_five = {"Variable": "$.number", "NumericEquals": 5}
    is_six = {"Variable": "$.number", "NumericEquals": 6}

    assert _holds(And=[is_five, {"Not": is_six}])
    assert _holds(Or=[is_six, is_five])
    assert not _holds(And=[is_five, is_six])


@pytest.mark.parametrize("rule", [{"NumericEquals": 1}, {"IsNull": True}, {"IsString": False}])
def test_a_variable_that_names_nothing_ends_the_execution(rule: dict[str, Any]) -> None:
    with pytest.raises(StatesRuntimeError, match=r"Invalid path '\$.missing': The choice state's"):
        _holds(Variable="$.missing", **rule)


def test_a_missing_variable_is_no_matter_where_a_presence_test_comes_first() -> None:
    present = {"Variable": "$.missing", "IsPresent": True}

    assert not _holds(And=[present, {"Variable": "$.missing", "NumericEquals": 1}])


def test_a_lookup_may_name_anything() -> None:
    def nothing(path: str) -> Any:
        raise PathNotFoundError("nothing", path)

    assert holds({"Variable": "$$.Task.Token", "IsPresent": False}, nothing)

"""JSONata in a state: values, types, and the causes that AWS gives."""

from typing import Any

import pytest

from localcloud.aws.executions.asl.expressions import QueryScope, fill, typed
from localcloud.aws.executions.asl.frame import Frame
from localcloud.aws.executions.errors import QueryEvaluationError

GIVEN: dict[str, Any] = {"items": [{"n": 3}, {"n": 9}], "name": "A", "none": None}


@pytest.fixture
def scope() -> QueryScope:
    """A state's, with a variable and a context object."""
    frame = Frame({}, {"Execution": {"Name": "run"}}, "JSONata")
    frame.variables.update(limit=4, nothing=None)
    return QueryScope(frame, GIVEN)


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("no expression", "no expression"),
        ("{% $states.input.name %}", "A"),
        ("{%$states.input.items.n%}", [3, 9]),
        ("{% $states.input.items[n > $limit].n %}", 9),
        ("{% $states.context.Execution.Name & '!' %}", "run!"),
        ("{% $states.input.none %}", None),
        ("{% $nothing %}", None),
        ("{% 9 / 3 %}", 3),
        ("{% 9 / 2 %}", 4.5),
        ("{% [1..3] %}", [1, 2, 3]),
        ("{% $partition([1,2,3], 2) %}", [[1, 2], [3]]),
        ("{% $parse('{\"a\": 1}') %}", {"a": 1}),
        ({"a": ["{% 1 + 1 %}", {"b": "{% true %}"}]}, {"a": [2, {"b": True}]}),
    ],
)
def test_a_value_is_filled_wherever_it_holds_expressions(
    scope: QueryScope, template: Any, value: Any
) -> None:
    assert fill(template, "Output", scope) == value


@pytest.mark.parametrize(
    ("template", "cause", "location"),
    [
        (
            "{% $states.input.missing %}",
            "The JSONata expression '$states.input.missing' specified for the field 'Output' "
            "returned nothing (undefined).",
            "Output",
        ),
        (
            {"a": {"b": [1, "{% $missing %}"]}},
            "The JSONata expression '$missing' specified for the field 'Output/a/b[1]' returned "
            "nothing (undefined).",
            "Output/a/b[1]",
        ),
        (
            "{% $missing() %}",
            "The JSONata expression '$missing()' specified for the field 'Output' threw an error "
            "during evaluation. T1006: ",
            "Output",
        ),
    ],
)
def test_an_expression_that_fails_is_named_with_its_field(
    scope: QueryScope, template: Any, cause: str, location: str
) -> None:
    with pytest.raises(QueryEvaluationError) as caught:
        fill(template, "Output", scope)

    assert caught.value.message.startswith(cause)
    assert caught.value.location == location


def test_a_value_of_another_type_than_its_field_takes_is_refused(scope: QueryScope) -> None:
    assert typed("{% $states.input.items %}", "array", "Items", scope) == GIVEN["items"]
    with pytest.raises(QueryEvaluationError) as caught:
        typed("{% $states.input.name %}", "array", "Items", scope)
    assert caught.value.message == (
        "The JSONata expression '$states.input.name' specified for the field 'Items' returned an "
        "unexpected result type. Expected 'array', but was 'string' for value: \"A\""
    )

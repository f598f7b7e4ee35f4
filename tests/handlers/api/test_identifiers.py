"""A path names an execution by its id or its ARN, encoded or not; nothing else is an id."""

import contextlib
from urllib.parse import quote
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.api.errors import ApiError
from handlers.api.identifiers import ExecutionReference, execution_reference, goal_id

ID = "0192f3c9-7d1e-7abc-8def-0123456789ab"
ARN = f"arn:aws:states:ap-northeast-1:123456789012:execution:TaskGenerationWorkflow-dev:{ID}"


@pytest.mark.parametrize("text", [ARN, quote(ARN, safe=""), quote(ARN)])
def test_an_arn_names_its_execution(text: str) -> None:
    assert execution_reference(text) == ExecutionReference(ID, ARN)


@given(st.uuids())
def test_an_id_names_its_execution_in_either_case(execution: UUID) -> None:
    expected = ExecutionReference(str(execution))
    assert execution_reference(str(execution)) == expected
    assert execution_reference(str(execution).upper()) == expected


def test_an_arn_must_be_the_executions() -> None:
    assert execution_reference(ARN).names(ARN)
    assert execution_reference(ID).names(ARN)
    elsewhere = ARN.replace("123456789012", "999999999999")
    assert not execution_reference(elsewhere).names(ARN)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "latest",
        ID[:-1],
        ID + "0",
        ID + "\n",
        f" {ID}",
        f"{{{ID}}}",
        f"urn:uuid:{ID}",
        ID.replace("-", ""),
        ID.replace("0", "０"),  # full-width
        ID.replace("-", "\u2010"),
        "../" + ID,
        f"{ID}/../{ID}",
        quote(quote(ARN, safe=""), safe=""),
        ARN.replace("execution", "stateMachine"),
        ARN.replace("states", "lambda"),
        ARN.replace("execution:", "express:"),
        ARN + ":1",
        "arn:aws:states:::execution::" + ID,
        "%00",
        "%",
    ],
)
def test_any_other_id_is_refused_by_its_parameter(text: str) -> None:
    with pytest.raises(ApiError) as refusal:
        execution_reference(text)
    assert refusal.value.status == 400
    assert refusal.value.details
    [field] = refusal.value.details["fields"]
    assert field["field"] == "executionId"
    assert "ARN" in field["allowed"]


@given(st.text())
def test_any_id_is_read_or_refused_with_400(text: str) -> None:
    for parse in (execution_reference, goal_id):
        with contextlib.suppress(ApiError):
            parse(text)


@pytest.mark.parametrize("text", ["", ARN, "1", ID + "x"])
def test_a_goal_id_may_not_be_an_arn(text: str) -> None:
    with pytest.raises(ApiError, match="VALIDATION_ERROR"):
        goal_id(text)


def test_a_goal_id_is_read_in_lower_case() -> None:
    assert goal_id(ID.upper()) == ID

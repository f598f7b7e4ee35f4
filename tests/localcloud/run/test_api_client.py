"""The client's types agree with docs/openapi.yaml, and a refusal raises an error."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from localcloud.cluster.state import CHECKOUT
from localcloud.run import api_bodies
from localcloud.run.api_client import ApiRefusedError
from localcloud.run.http_calls import HttpResponse

CONTRACT = yaml.safe_load((CHECKOUT / Path("docs/openapi.yaml")).read_text())
SCHEMAS = CONTRACT["components"]["schemas"]
TYPES = [
    "Accepted",
    "Action",
    "Actions",
    "Cancelled",
    "Cost",
    "Execution",
    "ExecutionStatus",
    "Executions",
    "Tokens",
]


@pytest.mark.parametrize("name", TYPES)
def test_a_body_has_the_properties_of_its_schema(name: str) -> None:
    described: Any = getattr(api_bodies, f"{name}Body")

    assert described.__required_keys__ == set(SCHEMAS[name]["required"])
    assert set(described.__annotations__) == set(SCHEMAS[name]["properties"])


@pytest.mark.parametrize(
    ("body", "code", "details"),
    [
        (b'{"error": {"code": "CONFLICT", "details": {"a": 1}}}', "CONFLICT", {"a": 1}),
        (b'{"error": {"code": "FINISHING"}}', "FINISHING", {}),
        (b'{"message": "Unauthorized"}', "", {}),
        (b'{"error": "no"}', "", {}),
        (b"<html>", "", {}),
        (b"[]", "", {}),
    ],
)
def test_a_refusal_has_a_code_if_it_comes_from_the_api(
    body: bytes, code: str, details: dict[str, int]
) -> None:
    error = ApiRefusedError(HttpResponse(409, {}, body))

    assert (error.status, error.code, error.details) == (409, code, details)
    assert body.decode() in str(error)

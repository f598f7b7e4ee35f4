"""Tests of the check that a function calls only what its role allows."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from handlers import workflow_status
from handlers.contract.functions import WORKFLOW_PREPARE, WORKFLOW_STATUS
from tests.handlers import roles
from tests.handlers.world import TABLE_NAME

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TABLE = roles.NAMES.table_arn


def as_function(source: str) -> Callable[..., Any]:
    """Code that counts as part of workflow-status."""
    scope: dict[str, Any] = {}
    exec(compile(f"def call(client):\n    {source}", str(workflow_status.__file__), "exec"), scope)
    return scope["call"]


def test_a_function_that_calls_what_its_role_does_not_allow_is_found(
    dynamodb: "DynamoDBClient",
) -> None:
    as_function(f"client.scan(TableName={TABLE_NAME!r})")(dynamodb)
    write = {"Put": {"TableName": TABLE_NAME, "Item": {"pk": {"S": "1"}, "sk": {"S": "2"}}}}
    as_function(f"client.transact_write_items(TransactItems=[{write!r}])")(dynamodb)
    found = list(roles.lacking)
    roles.lacking.clear()
    assert found == [
        f"workflow-status lacks dynamodb:Scan on {TABLE}",
        f"workflow-status lacks dynamodb:PutItem on {TABLE}",
    ]


def test_a_call_of_a_test_counts_for_no_function(dynamodb: "DynamoDBClient") -> None:
    dynamodb.scan(TableName=TABLE_NAME)
    assert roles.lacking == []


@pytest.mark.parametrize(
    ("action", "resource", "allowed"),
    [
        ("dynamodb:Query", TABLE, True),
        ("dynamodb:Query", f"{TABLE}-other", False),
        ("dynamodb:Query", f"{TABLE}/index/month-index", True),
        ("dynamodb:Query", f"{TABLE}/index/status-index", False),
    ],
)
def test_a_role_allows_by_action_and_resource(action: str, resource: str, allowed: bool) -> None:
    assert roles.may(WORKFLOW_STATUS, action, resource) is allowed
    assert not roles.may(WORKFLOW_PREPARE, action, resource)

"""What an operation calls, on what, and with which condition keys."""

from typing import Any

import pytest

from localcloud.provision.facts import UNKNOWN, DeploymentScope, calls_of
from localcloud.provision.facts.model import Operation

ACCOUNT, REGION = "123456789012", "ap-northeast-1"
SCOPE = DeploymentScope(ACCOUNT, REGION, {"Project": "goal-mandala"})
FUNCTION = "aws:lambda/function:Function"
KEY_ARN = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/worker"
WORKER: dict[str, Any] = {
    "name": "worker",
    "role": ROLE_ARN,
    "kmsKeyArn": KEY_ARN,
    "publish": True,
    "reservedConcurrentExecutions": 0.0,
}


def calls(
    type_: str,
    operation: Operation,
    inputs: dict[str, Any],
    *changed: str,
    scope: DeploymentScope = SCOPE,
) -> dict[str, set[str]]:
    """The resources of each action."""
    found: dict[str, set[str]] = {}
    for call in calls_of(type_, operation, inputs, scope, changed):
        found.setdefault(call.action, set()).add(call.resource)
    return found


def test_a_create_calls_what_its_properties_take_and_reads() -> None:
    found = calls(FUNCTION, "create", WORKER)
    own = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:worker"
    assert found["lambda:CreateFunction"] == found["lambda:GetFunction"] == {own}
    assert found["iam:PassRole"] == {ROLE_ARN}
    assert found["kms:CreateGrant"] == {KEY_ARN}
    assert "lambda:PutFunctionConcurrency" in found
    assert "lambda:UpdateFunctionCode" not in found
    assert "ec2:DescribeSubnets" not in found


def test_a_create_without_an_option_does_not_call_for_it() -> None:
    plain = {"name": "worker", "role": ROLE_ARN, "reservedConcurrentExecutions": -1.0}
    found = calls(FUNCTION, "create", plain)
    assert not {"kms:CreateGrant", "lambda:PutFunctionConcurrency"} & found.keys()


@pytest.mark.parametrize(
    ("changed", "called", "not_called"),
    [
        ("code", "lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration"),
        ("timeout", "lambda:UpdateFunctionConfiguration", "lambda:UpdateFunctionCode"),
        ("timeout", "lambda:PublishVersion", "iam:PassRole"),
        ("timeout", "lambda:GetFunctionConfiguration", "lambda:TagResource"),
        ("tags", "lambda:TagResource", "lambda:PublishVersion"),
        ("tagsAll", "lambda:UntagResource", "lambda:UpdateFunctionConfiguration"),
        ("role", "iam:PassRole", "lambda:UpdateFunctionCode"),
    ],
)
def test_an_update_calls_what_changed(changed: str, called: str, not_called: str) -> None:
    found = calls(FUNCTION, "update", WORKER, changed)
    assert called in found
    assert not_called not in found


def test_a_removed_property_has_calls_of_its_own() -> None:
    role = "aws:iam/role:Role"
    bounded = {"name": "worker", "permissionsBoundary": f"arn:aws:iam::{ACCOUNT}:policy/b"}
    name = "permissionsBoundary"
    assert "iam:PutRolePermissionsBoundary" in calls(role, "update", bounded, name)
    assert "iam:DeleteRolePermissionsBoundary" in calls(role, "update", {"name": "worker"}, name)


def test_tags_of_the_provider_are_tags_of_the_request() -> None:
    (created,) = [
        call
        for call in calls_of("aws:kms/key:Key", "create", {"tags": {"Own": "1"}}, SCOPE)
        if call.action == "kms:CreateKey"
    ]
    assert created.resource == "*"
    assert created.keys == {"aws:RequestTag/Project": "goal-mandala", "aws:RequestTag/Own": "1"}
    untagged = calls("aws:kms/key:Key", "create", {}, scope=DeploymentScope(ACCOUNT, REGION))
    assert "kms:TagResource" not in untagged
    assert "kms:TagResource" in calls("aws:kms/key:Key", "create", {})


def test_a_call_on_what_exists_carries_its_tags() -> None:
    for call in calls_of("aws:kms/key:Key", "delete", {}, SCOPE):
        assert call.keys["aws:ResourceTag/Project"] == "goal-mandala"


def test_a_preview_calls_aws_for_machines_and_tables() -> None:
    machine = "aws:sfn/stateMachine:StateMachine"
    assert calls(machine, "plan", {}, "definition") == {
        "states:ValidateStateMachineDefinition": {"*"}
    }
    assert calls(machine, "plan", {}, "tags") == {}
    table = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/t"
    assert calls("aws:dynamodb/table:Table", "plan", {"name": "t"}) == {
        "dynamodb:DescribeTable": {table}
    }


@pytest.mark.parametrize(
    ("type_", "inputs", "resource"),
    [
        (
            "aws:lambda/permission:Permission",
            {"function": "worker", "qualifier": "live"},
            f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:worker:live",
        ),
        (
            "aws:lambda/permission:Permission",
            {"function": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:worker:live"},
            f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:worker",
        ),
        (
            "aws:sfn/alias:Alias",
            {"routingConfigurations": [{"stateMachineVersionArn": f"arn:aws:states:{REGION}:m:1"}]},
            f"arn:aws:states:{REGION}:m",
        ),
        (
            "aws:sfn/alias:Alias",
            {"routingConfigurations": [{"stateMachineVersionArn": UNKNOWN}]},
            f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:*",
        ),
        (
            "aws:sqs/queuePolicy:QueuePolicy",
            {"queueUrl": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/q"},
            f"arn:aws:sqs:{REGION}:{ACCOUNT}:q",
        ),
        (
            "aws:secretsmanager/secretVersion:SecretVersion",
            {"secretId": UNKNOWN},
            f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:*",
        ),
        (
            "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
            {"url": "https://token.actions.githubusercontent.com"},
            f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com",
        ),
    ],
)
def test_a_resource_is_named_by_what_the_program_says(
    type_: str, inputs: dict[str, Any], resource: str
) -> None:
    found = {call.resource for call in calls_of(type_, "read", inputs, SCOPE)}
    assert resource in found


def test_an_event_source_mappings_tag_calls_carry_no_function() -> None:
    mapping = "aws:lambda/eventSourceMapping:EventSourceMapping"
    made = calls_of(mapping, "create", {"functionName": "worker"}, SCOPE)
    keys = {call.action: call.keys for call in made}
    assert "lambda:FunctionArn" in keys["lambda:CreateEventSourceMapping"]
    assert "lambda:FunctionArn" in keys["lambda:GetEventSourceMapping"]
    assert "lambda:FunctionArn" not in keys["lambda:TagResource"]
    assert "lambda:FunctionArn" not in keys["lambda:ListTags"]


def test_a_type_without_facts_is_named() -> None:
    with pytest.raises(LookupError, match="aws:ec2/vpc:Vpc has no facts"):
        calls_of("aws:ec2/vpc:Vpc", "create", {}, SCOPE)


def test_an_update_carries_no_tags_that_a_policy_could_rely_on() -> None:
    own: dict[str, Any] = {"name": "worker", "tags": {"Own": "1"}}
    tagging = [
        call
        for call in calls_of("aws:sqs/queue:Queue", "update", own, SCOPE, ["tags"])
        if call.action == "sqs:TagQueue"
    ]
    assert [dict(call.keys) for call in tagging] == [
        {"aws:ResourceTag/Project": "goal-mandala", "aws:ResourceTag/Own": "1"}
    ]


def test_only_the_tags_of_a_log_group_are_judged_on_its_arn_alone() -> None:
    group = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/lambda/worker"
    found = calls(
        "aws:cloudwatch/logGroup:LogGroup",
        "create",
        {"name": "/aws/lambda/worker", "retentionInDays": 7},
    )
    assert found.pop("logs:DescribeLogGroups") == {"*"}
    alone = {action for action, resources in found.items() if resources == {group}}
    assert alone == {"logs:TagResource", "logs:ListTagsForResource"}
    assert {action for action, resources in found.items() if resources == {f"{group}:*"}} == {
        "logs:CreateLogGroup",
        "logs:PutRetentionPolicy",
    }

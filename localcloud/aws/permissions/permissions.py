"""The permissions of a state machine's role, which MiniStack does not check."""

import json
from dataclasses import dataclass
from typing import Any

from localcloud.aws.consistency import is_in_effect
from localcloud.aws.ministack import ExecutionError, Json, app, iam, iam_actions, responses, roles
from localcloud.aws.permissions.recording import record

_QUALIFIED_MACHINE_PARTS = 8
_extract_iam_action = iam_actions.extract_iam_action
_extract_resource_arn = iam_actions.extract_resource_arn

_TABLE_ACTIONS = {
    "getItem": "dynamodb:GetItem",
    "putItem": "dynamodb:PutItem",
    "updateItem": "dynamodb:UpdateItem",
    "deleteItem": "dynamodb:DeleteItem",
}


@dataclass(frozen=True)
class Permission:
    """One action on one resource; `denied` is the error of a task without the permission."""

    action: str
    resource: str
    denied: str


def required(resource: str, arguments: Any) -> Permission:
    """The permission for a task. Raises ExecutionError for an unknown integration."""
    if ":function:" in resource:
        return Permission("lambda:InvokeFunction", resource, "Lambda.AWSLambdaException")
    match resource.removeprefix("arn:aws:states:::").split(":"):
        case ["lambda", "invoke"]:
            function = arguments["FunctionName"]
            return Permission("lambda:InvokeFunction", function, "Lambda.AWSLambdaException")
        case ["sns", "publish"]:
            topic = arguments["TopicArn"]
            return Permission("sns:Publish", topic, "SNS.AuthorizationErrorException")
        case ["dynamodb", action] if action in _TABLE_ACTIONS:
            scope = f"{responses.get_region()}:{responses.get_account_id()}"
            table = f"arn:aws:dynamodb:{scope}:table/{arguments['TableName']}"
            # the SDK's base class, since it is no modelled error of these operations
            return Permission(_TABLE_ACTIONS[action], table, "DynamoDB.AmazonDynamoDBException")
        case _:
            raise ExecutionError(
                "States.Runtime",
                f"The local emulator does not know which permission {resource} needs: "
                "add it to localcloud/aws/permissions/permissions.py",
            )


def action(*request: Any) -> str | None:
    """The action of a request; for an SQS batch that of its entries.

    (Amazon SQS API Reference: ChangeMessageVisibilityBatch, DeleteMessageBatch, SendMessageBatch.)
    """
    found: str = _extract_iam_action(*request) or ""
    return (found.removesuffix("Batch") if found.startswith("sqs:") else found) or None


def resource_arn(*request: Any) -> str:
    """The resource of a request; for a version or an alias of a machine the machine.

    (AWS Step Functions Developer Guide: authorization for versions and aliases.) For alarms that
    are described by name it is all their ARNs, one a line.
    """
    service, _, _, headers, body, _, region, account = request
    if service == "monitoring" and (names := _described_alarms(headers, body)):
        return "\n".join(f"arn:aws:cloudwatch:{region}:{account}:alarm:{name}" for name in names)
    arn: str = _extract_resource_arn(*request)
    parts = arn.split(":")
    is_qualified = len(parts) == _QUALIFIED_MACHINE_PARTS and parts[5] == "stateMachine"
    return ":".join(parts[:-1]) if is_qualified else arn


def _described_alarms(headers: Json, body: bytes) -> list[str]:
    """The names in a DescribeAlarms request in JSON, as boto3 sends it."""
    is_asked = headers.get("x-amz-target", "").endswith(".DescribeAlarms")
    return list(json.loads(body).get("AlarmNames", ())) if is_asked else []


def check(role_arn: str, resource: str, arguments: Any) -> None:
    """Raise AWS's ExecutionError if the role lacks the permission for a task."""
    permission = required(resource, arguments)
    allowed = not app.AUTH or is_allowed(role_arn, permission)
    role = role_arn.rsplit("/", 1)[-1]
    record(role, permission.action, permission.resource, {}, allowed=allowed)
    if not allowed:
        raise ExecutionError(
            permission.denied,
            f"User: {session_arn(role_arn)} is not authorized to perform: {permission.action} "
            f"on resource: {permission.resource} because no identity-based policy allows the "
            f"{permission.action} action (Status Code: 403)",
        )


def is_allowed(role_arn: str, permission: Permission) -> bool:
    """Whether the role's policies and its boundary allow an action."""
    account, role = role_arn.split(":")[4], role_arn.rsplit("/", 1)[-1]
    context = iam.EvalContext(
        principal_arn=session_arn(role_arn),
        principal_type="AssumedRole",
        principal_account=account,
        action=permission.action,
        resource_arn=permission.resource,
        region=responses.get_region(),
    )
    boundary = iam._permissions_boundary(roles._roles, role, account)
    policies = iam._gather_role_policies(role, account)
    return iam.evaluate(context, policies, *boundary).decision == "Allow"


def session_arn(role_arn: str) -> str:
    """The ARN of Step Functions' session with a role."""
    account, role = role_arn.split(":")[4], role_arn.rsplit("/", 1)[-1]
    return f"arn:aws:sts::{account}:assumed-role/{role}/states"


def may_be_assumed(role_arn: str) -> bool:
    """Whether the role trusts Step Functions, as CreateStateMachine requires."""
    name = role_arn.rsplit("/", 1)[-1]
    role = roles._roles.get(name)
    trusts = "states.amazonaws.com" in json.dumps(role and role["AssumeRolePolicyDocument"])
    return not app.AUTH or (trusts and is_in_effect("trust", name))

"""The permissions of a state machine's role, which MiniStack does not check."""

import json
from dataclasses import dataclass
from typing import Any

from localcloud.aws.consistency import is_in_effect
from localcloud.aws.ministack import ExecutionError, app, iam, responses, roles
from localcloud.aws.permissions.recording import record

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

"""What a state machine's role may do, judged by MiniStack's evaluator (MiniStack never asks)."""

import json
from dataclasses import dataclass
from typing import Any

from localcloud.aws.consistency import is_in_effect
from localcloud.aws.engine import ExecutionError, Json, app, iam, iam_actions, responses, roles
from localcloud.aws.permissions.recording import record

_QUALIFIED_MACHINE_PARTS = 8
_ministacks_action = iam_actions.extract_iam_action
_ministacks_resource_arn = iam_actions.extract_resource_arn

_TABLE_ACTIONS = {
    "getItem": "dynamodb:GetItem",
    "putItem": "dynamodb:PutItem",
    "updateItem": "dynamodb:UpdateItem",
    "deleteItem": "dynamodb:DeleteItem",
}


@dataclass(frozen=True)
class Permission:
    """One action on one resource; `denied` is the error name of a task that lacks it."""

    action: str
    resource: str
    denied: str


def needed(resource: str, arguments: Any) -> Permission:
    """The permission that a task needs; ExecutionError if it is not known here."""
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
            # not a modelled error of these operations: the SDK's base class stands for it
            return Permission(_TABLE_ACTIONS[action], table, "DynamoDB.AmazonDynamoDBException")
        case _:
            raise ExecutionError(
                "States.Runtime",
                f"The local emulator does not know which permission {resource} needs: "
                "add it to localcloud/aws/permissions/permissions.py",
            )


def action(*request: Any) -> str | None:
    """The action that a request needs: a batch of SQS's that of its entries.

    (Amazon SQS API Reference: ChangeMessageVisibilityBatch, DeleteMessageBatch, SendMessageBatch.)
    """
    found: str = _ministacks_action(*request) or ""
    return (found.removesuffix("Batch") if found.startswith("sqs:") else found) or None


def resource_arn(*request: Any) -> str:
    """What a request is judged on: for a version or an alias of a machine, the machine.

    (AWS Step Functions Developer Guide: authorization for versions and aliases.) Alarms that are
    described by name are judged each for itself: their ARNs, a line each.
    """
    service, _, _, headers, body, _, region, account = request
    if service == "monitoring" and (names := _described_alarms(headers, body)):
        return "\n".join(f"arn:aws:cloudwatch:{region}:{account}:alarm:{name}" for name in names)
    arn: str = _ministacks_resource_arn(*request)
    parts = arn.split(":")
    is_qualified = len(parts) == _QUALIFIED_MACHINE_PARTS and parts[5] == "stateMachine"
    return ":".join(parts[:-1]) if is_qualified else arn


def _described_alarms(headers: Json, body: bytes) -> list[str]:
    """The names in a DescribeAlarms, as boto3 sends it: in JSON."""
    is_asked = headers.get("x-amz-target", "").endswith(".DescribeAlarms")
    return list(json.loads(body).get("AlarmNames", ())) if is_asked else []


def check(role_arn: str, resource: str, arguments: Any) -> None:
    """Raise ExecutionError, named and worded as on AWS, if the role may not do a task's work."""
    permission = needed(resource, arguments)
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
    """Whether the role's policies, within its boundary, allow it."""
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
    """The principal that Step Functions is while it acts as a role."""
    account, role = role_arn.split(":")[4], role_arn.rsplit("/", 1)[-1]
    return f"arn:aws:sts::{account}:assumed-role/{role}/states"


def may_be_assumed(role_arn: str) -> bool:
    """Whether the role trusts Step Functions, as it must when a machine is created."""
    name = role_arn.rsplit("/", 1)[-1]
    role = roles._roles.get(name)
    trusts = "states.amazonaws.com" in json.dumps(role and role["AssumeRolePolicyDocument"])
    return not app.AUTH or (trusts and is_in_effect("trust", name))

"""What IAM judges a request by: its action, its resource, and the condition keys it carries."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, cast

from localcloud.aws.ministack import Json, iam_actions, keys, responses
from localcloud.aws.permissions import backup_requests

_extract_iam_action = iam_actions.extract_iam_action
_extract_resource_arn = iam_actions.extract_resource_arn
_request_tag_context = iam_actions.request_tag_context

_QUALIFIED_MACHINE_PARTS = 8


def action(*request: Any) -> str | None:
    """The action of a request; for an SQS batch that of its entries.

    (Amazon SQS API Reference: ChangeMessageVisibilityBatch, DeleteMessageBatch, SendMessageBatch.)
    """
    service, method, path, headers, _, params = request
    if service == "lambda" and (operation := _lambda_operation(method, path, params)):
        return "lambda:InvokeFunction" if operation == "Invoke" else f"lambda:{operation}"
    if service == "ce":  # absent from MiniStack, but a role without the grant has to be refused
        return f"ce:{str(headers.get('x-amz-target', '')).rpartition('.')[2]}"
    found: str = _extract_iam_action(*request) or ""
    return (found.removesuffix("Batch") if found.startswith("sqs:") else found) or None


def resource_arn(*request: Any) -> str:
    """The resources of a request, one ARN a line (Service Authorization Reference).

    For a version or an alias of a machine it is the machine (AWS Step Functions Developer Guide:
    authorization for versions and aliases). Of a function it is that version or alias itself (AWS
    Lambda Developer Guide: function resource names in policies).
    """
    service, method, path, headers, body, params, region, account = request
    given = _given(body, params)
    if service == "backup":
        return backup_requests.resource_arn(method, path, given, region, account)
    operation = str(headers.get("x-amz-target", "")).rpartition(".")[2]
    if service == "lambda" and given.get("Qualifier"):
        return f"{_extract_resource_arn(*request)}:{given['Qualifier']}"
    tagged = given.get("ResourceArn") or given.get("ResourceARN") or given.get("resourceArn")
    if tagged:
        return str(tagged)
    resources = _RESOURCES.get(service)
    found = list(resources(operation, given, region, account)) if resources else []
    return "\n".join(found) or _machine(_extract_resource_arn(*request))


def condition_keys(service: str, iam_action: str, body: bytes, params: Json) -> Json:
    """The keys that a request carries: tags, a role's new boundary, an event source's function."""
    found: Json = dict(_request_tag_context(service, iam_action, body, params))
    given = _given(body, params)
    if service == "cognito-idp":
        tags: dict[str, str] = given.get("UserPoolTags") or {}
        found |= {f"aws:RequestTag/{key}": value for key, value in tags.items()}
    if service == "backup":
        new: dict[str, str] = given.get("BackupPlanTags") or given.get("BackupVaultTags") or {}
        found |= {f"aws:RequestTag/{key}": value for key, value in new.items()}
    if service == "iam" and given.get("PermissionsBoundary"):
        found["iam:PermissionsBoundary"] = given["PermissionsBoundary"]
    if iam_action == "lambda:CreateEventSourceMapping":
        place = f"{responses.get_region()}:{responses.get_account_id()}"
        name = str(given["FunctionName"])
        is_arn = name.startswith("arn:")
        found["lambda:FunctionArn"] = name if is_arn else f"arn:aws:lambda:{place}:function:{name}"
    return found


@cache
def _lambda_routes() -> list[Any]:
    return iam_actions._load_botocore_routes("lambda")


def _lambda_operation(method: str, path: str, params: Json) -> str | None:
    """The operation of one of Lambda's requests; MiniStack takes several for another one."""
    return next(
        (
            operation
            for verb, pattern, operation, _, query in _lambda_routes()
            if verb == method and pattern.match(path.rstrip("/")) and query.keys() <= params.keys()
        ),
        None,
    )


def _given(body: bytes, params: Mapping[str, Any]) -> Json:
    """The fields of a request, in JSON or as parameters of a query."""
    try:
        found: Any = json.loads(body) if body[:1] == b"{" else {}
    except (json.JSONDecodeError, UnicodeDecodeError):
        found = {}
    fields: Json = {}
    for name, value in params.items():
        values = cast("list[Any]", value) if isinstance(value, list) else [value]
        fields[name] = values[0] if values else None
    return {**fields, **found}


def _of_cloudwatch(_operation: str, given: Json, region: str, account: str) -> Iterator[str]:
    """DescribeAlarms and DeleteAlarms are judged on each alarm that they name."""
    for name in given.get("AlarmNames") or ():
        yield f"arn:aws:cloudwatch:{region}:{account}:alarm:{name}"
    for name in given.get("DashboardNames") or [given.get("DashboardName")]:
        if name:
            yield f"arn:aws:cloudwatch::{account}:dashboard/{name}"


def _of_dynamodb(_operation: str, given: Json, region: str, account: str) -> Iterator[str]:
    """A restore is judged on what it reads and on the table that it makes."""
    if "BackupArn" in given:
        yield given["BackupArn"]
    for name in ("SourceTableName", "TargetTableName"):
        if name in given:
            yield f"arn:aws:dynamodb:{region}:{account}:table/{given[name]}"


def _of_events(operation: str, given: Json, region: str, account: str) -> Iterator[str]:
    """A rule of the default bus has no bus in its ARN."""
    name = given.get("Name") or given.get("Rule")
    if name and given.get("EventBusName", "default") == "default" and operation != "PutEvents":
        yield f"arn:aws:events:{region}:{account}:rule/{name}"


def _of_iam(_operation: str, given: Json, _region: str, _account: str) -> Iterator[str]:
    """The role about whose use is asked."""
    if given.get("Action") == "GenerateServiceLastAccessedDetails":
        yield given["Arn"]


def _of_kms(_operation: str, given: Json, region: str, account: str) -> Iterator[str]:
    """A key's alias is judged on both (AWS KMS Developer Guide: controlling access to aliases).

    A call that only finds its key by the alias is judged on the key.
    """
    if str(given.get("KeyId", "")).startswith("alias/"):
        found = keys._aliases.get(f"arn:aws:kms:{region}:{account}:{given['KeyId']}")
        if found:
            yield f"arn:aws:kms:{region}:{account}:key/{str(found).rpartition('/')[2]}"
    if "AliasName" in given:
        alias = f"arn:aws:kms:{region}:{account}:{given['AliasName']}"
        key = str(given.get("TargetKeyId") or keys._aliases.get(alias) or "*")
        yield alias
        yield key if key.startswith("arn:") else f"arn:aws:kms:{region}:{account}:key/{key}"


def _of_lambda(_operation: str, given: Json, region: str, account: str) -> Iterator[str]:
    """A new function is judged on its own ARN, a new event source mapping on none."""
    if "FunctionName" in given and "EventSourceArn" not in given and "Role" in given:
        yield f"arn:aws:lambda:{region}:{account}:function:{given['FunctionName']}"


def _of_logs(operation: str, given: Json, region: str, account: str) -> Iterator[str]:
    """Log lines are read with :* after the group's name (CloudWatch Logs User Guide: ARNs)."""
    if operation in ("FilterLogEvents", "StartQuery"):
        names = [given.get("logGroupName"), *(given.get("logGroupNames") or ())]
        for name in filter(None, names):
            yield f"arn:aws:logs:{region}:{account}:log-group:{name}:*"


def _of_states(operation: str, given: Json, _region: str, _account: str) -> Iterator[str]:
    """An alias is judged as its machine, the deletion of a version too."""
    if operation == "DeleteStateMachineVersion":
        yield _machine(given["stateMachineVersionArn"])
    if "Alias" in operation:
        routing: list[dict[str, str]] = given.get("routingConfiguration") or [{}]
        version = routing[0].get("stateMachineVersionArn", "")
        yield _machine(given.get("stateMachineAliasArn") or version)


_RESOURCES = {
    "dynamodb": _of_dynamodb,
    "events": _of_events,
    "iam": _of_iam,
    "kms": _of_kms,
    "lambda": _of_lambda,
    "logs": _of_logs,
    "monitoring": _of_cloudwatch,
    "states": _of_states,
}


def _machine(arn: str) -> str:
    parts = arn.split(":")
    is_qualified = len(parts) == _QUALIFIED_MACHINE_PARTS and parts[5] == "stateMachine"
    return ":".join(parts[:-1]) if is_qualified else arn

"""Eventual consistency: for some seconds AWS does not act on what was only just made (`--lag`).

A role is not assumable yet, its policies do not count, and a key's alias decides nothing. (IAM User
Guide: changes that I make are not always immediately visible; KMS Developer Guide: an alias takes
up to five minutes to affect authorization.) Without a lag, which is the default, all of it is at
once. The refusals are worded as AWS words them, so that what retries on AWS retries here.
"""

import time
from typing import Any, cast

from localcloud.aws.ministack import Json, Response, functions, iam, keys, responses, roles

_create_role = roles._create_role
_put_role_policy = roles._put_role_policy
_update_assume_role_policy = roles._update_assume_role_policy
_create_alias = keys._create_alias
_update_alias = keys._update_alias
_create_function = functions._create_function
_update_config = functions._update_config
_create_esm = functions._create_esm
_put_event_invoke_config = functions._put_event_invoke_config
_OK = 300

_state: dict[str, float] = {"lag": 0.0}
_changed: dict[tuple[str, str], float] = {}


def lag(seconds: float) -> None:
    """From now on, what is made takes effect after this time."""
    _state["lag"] = seconds


def is_in_effect(kind: str, name: str) -> bool:
    """Whether the last change of something is old enough: `trust` and `policies` of a role, `alias`
    of a key."""
    return time.monotonic() - _changed.get((kind, name), float("-inf")) >= _state["lag"]


def aliases_in_effect(key_arn: str) -> list[str]:
    """The aliases of a key that decide `kms:ResourceAliases` by now."""
    names = {
        arn.partition(":alias/")[2]: key_id
        for arn, key_id in keys._aliases.items()
        if ":alias/" in arn
    }
    key = key_arn.rpartition("/")[2]
    found = [f"alias/{name}" for name, key_id in names.items() if key_id == key]
    return [name for name in found if is_in_effect("alias", name)]


def create_role(request: Json) -> Response:
    """CreateRole (replaces `_create_role`)."""
    return _noted(_create_role(request), "trust", request["RoleName"])


def update_trust(request: Json) -> Response:
    """UpdateAssumeRolePolicy (replaces `_update_assume_role_policy`)."""
    return _noted(_update_assume_role_policy(request), "trust", request["RoleName"])


def put_role_policy(request: Json) -> Response:
    """PutRolePolicy (replaces `_put_role_policy`)."""
    return _noted(_put_role_policy(request), "policies", request["RoleName"])


def create_alias(request: Json) -> Response:
    """CreateAlias of KMS (replaces `_create_alias`)."""
    return _noted(_create_alias(request), "alias", request.get("AliasName", ""))


def update_alias(request: Json) -> Response:
    """UpdateAlias of KMS (replaces `_update_alias`)."""
    return _noted(_update_alias(request), "alias", request.get("AliasName", ""))


def create_function(request: Json) -> Response:
    """CreateFunction, once the role can be assumed (replaces `_create_function`)."""
    return _unless_assumable(request) or _create_function(request)


def update_configuration(name: str, request: Json) -> Response:
    """UpdateFunctionConfiguration, with the same condition (replaces `_update_config`)."""
    return _unless_assumable(request) or _update_config(name, request)


def create_event_source_mapping(request: Json) -> Response:
    """CreateEventSourceMapping, once the role's policies count (replaces `_create_esm`)."""
    name = request.get("FunctionName", "").partition(":function:")[2] or request["FunctionName"]
    return _unless_allowed(name, "ReceiveMessage on SQS") or _create_esm(request)


def put_invoke_config(name: str, qualifier: str | None, request: Json) -> Response:
    """PutFunctionEventInvokeConfig, once they count (replaces `_put_event_invoke_config`)."""
    return _unless_allowed(name, "SendMessage on the destination") or _put_event_invoke_config(
        name, qualifier, request
    )


def locked_environment(config: Json) -> Json | None:
    """The error of an invocation whose role may decrypt its environment only by an alias that does
    not count yet; None of any other."""
    role, key_arn = config.get("Role", ""), config.get("KMSKeyArn")
    if not (_state["lag"] and key_arn and role) or _may_decrypt(role, key_arn):
        return None
    message = (
        "Lambda was unable to decrypt the environment variables because KMS access was denied. "
        "Please check the function's KMS key settings. KMS Exception: AccessDeniedException"
    )
    body = {"errorType": "KMSAccessDeniedException", "errorMessage": message}
    return {"body": body, "error": True}


def _may_decrypt(role_arn: str, key_arn: str) -> bool:
    account, role = role_arn.split(":")[4], role_arn.rsplit("/", 1)[-1]
    region = responses.get_region()
    context = iam.EvalContext(
        principal_arn=f"arn:aws:sts::{account}:assumed-role/{role}/lambda",
        principal_type="AssumedRole",
        principal_account=account,
        action="kms:Decrypt",
        resource_arn=key_arn,
        region=region,
        service_context={
            "kms:viaservice": f"lambda.{region}.amazonaws.com",
            "kms:resourcealiases": aliases_in_effect(key_arn),
        },
    )
    return iam.evaluate(context, iam._gather_role_policies(role, account)).decision == "Allow"


def _noted(response: Response, kind: str, name: Any) -> Response:
    """The response; of a success, the time is kept. IAM's parameters are lists of one."""
    if response[0] < _OK:
        texts = cast("list[str]", name if isinstance(name, list) else [name])
        _changed[kind, texts[0]] = time.monotonic()
    return response


def _unless_assumable(request: Json) -> Response | None:
    role = request.get("Role", "").rsplit("/", 1)[-1]
    if not role or is_in_effect("trust", role):
        return None
    return _refused("The role defined for the function cannot be assumed by Lambda.")


def _unless_allowed(function: str, call: str) -> Response | None:
    record = functions._functions.get(function.partition(":")[0])
    role = record["config"]["Role"].rsplit("/", 1)[-1] if record else ""
    if is_in_effect("policies", role):
        return None
    return _refused(f"The function's execution role does not have permissions to call {call}")


def _refused(message: str) -> Response:
    return responses.error_response_json("InvalidParameterValueException", message, 400)

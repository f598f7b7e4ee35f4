"""Every permission that was used or lacked: who, which action, on what. Least privilege is judged
by it.

A line of JSON for each that is new, in the emulator's folder. What a service does in a role's name
without MiniStack asking (logs, traces, keys) is not seen here.
"""

import json
import os
import threading
from pathlib import Path
from typing import Any

from localcloud.aws.consistency import aliases_in_effect
from localcloud.aws.engine import Json, app, eventbridge, gateway, iam, responses

_ministacks_enforce = iam.enforce
_ministacks_authentication = app._authenticate_only
_ministacks_target = eventbridge._invoke_target
_ministacks_proxy = gateway._invoke_lambda_proxy

_seen: set[tuple[str, str, str, str, bool]] = set()
_lock = threading.Lock()


def record(principal: str, action: str, resource: str, context: Json, *, allowed: bool) -> None:
    """Note a call, once.

    principal: a role's name, or a service such as events.amazonaws.com. context: condition keys.
    """
    call = (principal, action, resource, str(context.get("aws:SourceArn")), allowed)
    with _lock:
        if call in _seen:
            return
        _seen.add(call)
        line = {
            "principal": principal,
            "action": action,
            "resource": resource,
            "context": context,
            "allowed": allowed,
        }
        with _file().open("a") as file:
            file.write(json.dumps(line) + "\n")


def role_of(principal_arn: str) -> str | None:
    """The role's name in the ARN of who assumed it; None of anybody else's, such as root's."""
    _, is_assumed, session = principal_arn.partition(":assumed-role/")
    return session.partition("/")[0] if is_assumed else None


def enforce(
    access_key: str,
    action: str,
    service: str,
    region: str,
    *,
    resource_arn: str = "*",
    service_context: Json | None = None,
) -> Any:
    """MiniStack's decision on a request that carries credentials (replaces `enforce`).

    resource_arn: one, or a line each (`permissions.resource_arn`).
    """
    role = role_of(iam.caller_arn())
    if role:
        # a function: on AWS its SDK calls over TLS, that it comes here in clear is our own doing
        iam.pin_request_origin("127.0.0.1", True)
    for resource in resource_arn.splitlines() or [resource_arn]:
        denied = _ministacks_enforce(
            access_key,
            action,
            service,
            region,
            resource_arn=resource,
            service_context=_with_aliases(service_context, resource),
        )
        if role:
            record(role, action, resource, _plain(service_context), allowed=denied is None)
        if denied:
            return denied
    return None


def authenticate_only(service: str, *request: Any) -> Any:
    """A request of which MiniStack knows no action: it passes unasked, so it must be seen."""
    failure = _ministacks_authentication(service, *request)
    if role := role_of(iam.caller_arn()):
        record(role, f"{service}:(unknown)", "*", {}, allowed=failure is None)
    return failure


def invoke_target(target: Json, event: Json, rule: Json, view: Any = None) -> None:
    """EventBridge, before it does what a rule says (replaces `_invoke_target`)."""
    if ":lambda:" in target.get("Arn", ""):
        _by_service("events", "lambda:InvokeFunction", target["Arn"], rule.get("Arn", ""))
    _ministacks_target(target, event, rule, view)


async def invoke_proxy(
    integration: Json, api_id: str, stage: str, *request: Any, **more: Any
) -> Any:
    """API Gateway, before it calls a route's function (replaces `_invoke_lambda_proxy`)."""
    function = gateway._extract_lambda_ref_from_integration_uri(integration["integrationUri"])
    scope = f"{responses.get_region()}:{responses.get_account_id()}"
    route: str = request[5] if len(request) > 5 else more.get("route_key", "$default")  # noqa: PLR2004
    method, _, path = route.partition(" ")
    source = f"arn:aws:execute-api:{scope}:{api_id}/{stage}/{method}{path}"
    _by_service("apigateway", "lambda:InvokeFunction", function, source)
    return await _ministacks_proxy(integration, api_id, stage, *request, **more)


def _file() -> Path:
    return Path(os.environ["STATE_DIR"]) / "calls.jsonl"  # Emulator.calls


def _by_service(service: str, action: str, resource: str, source_arn: str) -> None:
    context = {"aws:SourceArn": source_arn, "aws:SourceAccount": responses.get_account_id()}
    # MiniStack never asks; whether the function permits it is judged from the recording
    record(f"{service}.amazonaws.com", action, resource, context, allowed=True)


def _with_aliases(context: Json | None, resource: str) -> Json | None:
    """MiniStack knows no alias when it judges what is done with a key."""
    if ":kms:" not in resource or ":key/" not in resource:
        return context
    return {**(context or {}), "kms:ResourceAliases": aliases_in_effect(resource)}


def _plain(context: Json | None) -> Json:
    return {key: value for key, value in (context or {}).items() if isinstance(value, str | list)}

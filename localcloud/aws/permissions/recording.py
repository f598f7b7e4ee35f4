"""Records every permission that was used or lacked, for the check of least privilege.

Each new one is a line of JSON in a file of the emulator's folder. It misses what a service does for
a role without a check by MiniStack (logs, traces, keys).
"""

import json
import os
import threading
from pathlib import Path
from typing import Any

from localcloud.aws import CALLS
from localcloud.aws.ministack import Json, app, eventbridge, gateway, iam, responses
from localcloud.aws.permissions.resource_keys import with_resource_keys

_enforce = iam.enforce
_authenticate_only = app._authenticate_only
_invoke_target = eventbridge._invoke_target
_invoke_lambda_proxy = gateway._invoke_lambda_proxy

_recorded: set[tuple[str, str, str, str, bool]] = set()
_lock = threading.Lock()


def record(principal: str, action: str, resource: str, context: Json, *, allowed: bool) -> None:
    """Record a call, unless the same one is recorded already.

    principal: a role's name, or a service such as events.amazonaws.com. context: condition keys.
    """
    call = (principal, action, resource, str(context.get("aws:SourceArn")), allowed)
    with _lock:
        if call in _recorded:
            return
        _recorded.add(call)
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
    """The role's name in the ARN of its session; None for other principals, such as root."""
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
    """Authorize a signed request, and record it if a role signed it.

    resource_arn: one ARN a line (`requests.resource_arn`).
    """
    role = role_of(iam.caller_arn())
    if role:
        # a function, whose SDK calls over TLS on AWS; only the emulator's endpoint has none
        iam.pin_request_origin("127.0.0.1", True)
    for resource in resource_arn.splitlines() or [resource_arn]:
        context = with_resource_keys(service_context, resource)
        denied = _enforce(
            access_key,
            action,
            service,
            region,
            resource_arn=resource,
            service_context=context,
        )
        if role:
            record(role, action, resource, _plain(context), allowed=denied is None)
        if denied:
            return denied
    return None


def authenticate_only(service: str, *request: Any) -> Any:
    """Record a request whose action MiniStack does not know, and which it thus allows."""
    failure = _authenticate_only(service, *request)
    if role := role_of(iam.caller_arn()):
        record(role, f"{service}:(unknown)", "*", {}, allowed=failure is None)
    return failure


def invoke_target(target: Json, event: Json, rule: Json, view: Any = None) -> None:
    """Record that EventBridge invokes a function, and invoke the target."""
    if ":lambda:" in target.get("Arn", ""):
        _by_service("events", "lambda:InvokeFunction", target["Arn"], rule.get("Arn", ""))
    _invoke_target(target, event, rule, view)


async def invoke_proxy(
    integration: Json, api_id: str, stage: str, *request: Any, **more: Any
) -> Any:
    """Record that API Gateway invokes the function of a route, and invoke it."""
    function = gateway._extract_lambda_ref_from_integration_uri(integration["integrationUri"])
    scope = f"{responses.get_region()}:{responses.get_account_id()}"
    route: str = request[5] if len(request) > 5 else more.get("route_key", "$default")  # noqa: PLR2004
    method, _, path = route.partition(" ")
    source = f"arn:aws:execute-api:{scope}:{api_id}/{stage}/{method}{path}"
    _by_service("apigateway", "lambda:InvokeFunction", function, source)
    return await _invoke_lambda_proxy(integration, api_id, stage, *request, **more)


def _file() -> Path:
    return Path(os.environ["STATE_DIR"]) / CALLS


def _by_service(service: str, action: str, resource: str, source_arn: str) -> None:
    context = {"aws:SourceArn": source_arn, "aws:SourceAccount": responses.get_account_id()}
    # MiniStack checks no function policy: the check of least privilege reads the recording
    record(f"{service}.amazonaws.com", action, resource, context, allowed=True)


def _plain(context: Json | None) -> Json:
    return {key: value for key, value in (context or {}).items() if isinstance(value, str | list)}

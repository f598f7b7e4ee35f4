"""An endpoint that authorizes callers of the model server, since only the emulator knows them.

POST {"accessKeyId", "region", "modelId"}: the answer is {"denied": null}, or AWS's message of the
denial. The signature is not checked.
"""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from localcloud.aws import MODEL_PERMISSION_PATH
from localcloud.aws.ministack import app, iam, responses
from localcloud.aws.permissions.recording import record, role_of

ACTION = "bedrock:InvokeModel"

_PROFILE_GEOGRAPHIES = ("apac", "au", "eu", "global", "jp", "us", "us-gov")

Asgi = Callable[[Any, Any, Any], Awaitable[None]]


def answering(inner: Asgi) -> Asgi:
    """An ASGI application that answers this path and passes all others to `inner`."""

    async def outer(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["path"] != MODEL_PERMISSION_PATH:
            await inner(scope, receive, send)
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        question = json.loads(body)
        denied = denial(question["accessKeyId"], question["region"], question["modelId"])
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        answer = json.dumps({"denied": denied}).encode()
        await send({"type": "http.response.body", "body": answer})

    return outer


def denial(access_key: str, region: str, model: str) -> str | None:
    """AWS's message if the caller may not invoke the model; None if it may."""
    account: str = responses.get_account_id()
    principal = iam.resolve_principal(access_key, account)
    if isinstance(principal, iam.AuthError):
        return str(principal.message)
    if not app.AUTH or principal.policies is None:  # root
        return None
    for resource in resources(account, region, model):
        context = iam.EvalContext(
            principal_arn=principal.arn,
            principal_type=principal.type,
            principal_account=principal.account,
            action=ACTION,
            resource_arn=resource,
            region=region,
        )
        decision = iam.evaluate(context, principal.policies, *principal.limits).decision
        record(
            role_of(principal.arn) or principal.arn,
            ACTION,
            resource,
            {},
            allowed=decision == "Allow",
        )
        if decision != "Allow":
            return (
                f"User: {principal.arn} is not authorized to perform: {ACTION} on resource: "
                f"{resource} because no identity-based policy allows the {ACTION} action"
            )
    return None


def resources(account: str, region: str, model: str) -> list[str]:
    """The resources of a Converse call: the model, or an inference profile and its model.

    (Amazon Bedrock User Guide: prerequisites for inference profiles. On AWS the model is in the
    region that the call is routed to; here it is in the caller's region.)
    """
    if model.startswith("arn:"):
        return [model]  # an application inference profile: the model behind it is known to AWS
    geography, _, profiled = model.partition(".")
    if geography not in _PROFILE_GEOGRAPHIES:
        return [f"arn:aws:bedrock:{region}::foundation-model/{model}"]
    return [
        f"arn:aws:bedrock:{region}:{account}:inference-profile/{model}",
        f"arn:aws:bedrock:{region}::foundation-model/{profiled}",
    ]

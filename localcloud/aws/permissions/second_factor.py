"""The condition key aws:MultiFactorAuthPresent of AssumeRole, which MiniStack does not have.

The emulator has no devices: any serial number with a code of six digits counts as a second factor.
"""

import re
from contextvars import ContextVar
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

from localcloud.aws.ministack import Json, iam, sts

_handle_request = sts.handle_request
_evaluate_trust_policy = iam.evaluate_trust_policy

_is_given: ContextVar[bool] = ContextVar("second factor", default=False)
_CODE = re.compile(r"\d{6}")


async def handle_request(method: str, path: str, headers: Json, body: bytes, query: Any) -> Any:
    """Answer a request of STS (replaces `handle_request`)."""
    given = parse_qs(body.decode("utf-8", errors="replace"))
    code = given.get("TokenCode", [""])[0]
    _is_given.set("SerialNumber" in given and _CODE.fullmatch(code) is not None)
    return await _handle_request(method, path, headers, body, query)


def evaluate_trust_policy(document: Any, caller_arn: str, context: Any = None) -> bool:
    """Whether a role trusts a caller (replaces `evaluate_trust_policy`)."""
    if context is not None and _is_given.get():
        keys = {**context.service_context, "aws:multifactorauthpresent": "true"}
        context = replace(context, service_context=keys)
    return _evaluate_trust_policy(document, caller_arn, context)

"""HTTP APIs: refresh tokens, and functions that fail."""

import json
from typing import Any

from localcloud.aws.ministack import Json, functions, gateway

_validate_jwt_authorizer = gateway._validate_jwt_authorizer
_UNREADABLE = (AttributeError, TypeError, ValueError, OverflowError, RecursionError)
_api_proxy_response = functions.lambda_execute_result_to_api_proxy_response


async def validate_token(*request: Any) -> tuple[Any, Any, Any]:
    """Return claims, scopes and None, or None, None and the response that refuses the request.

    Cognito encrypts refresh tokens, so an authorizer cannot read them as JWTs (Amazon Cognito
    Developer Guide, refresh tokens); MiniStack signs them like the other tokens. A token whose
    header or claims are JSON of another kind is refused too; MiniStack answers 500.
    """
    try:
        claims, scopes, refusal = await _validate_jwt_authorizer(*request)
    except _UNREADABLE:
        return None, None, gateway._jwt_unauthorized()
    if claims and claims.get("token_use") == "refresh":
        return None, None, gateway._jwt_unauthorized()
    return claims, scopes, refusal


def function_response(result: Json) -> tuple[Any, Any]:
    """The response of a function; a function that failed, died or timed out is a 500.

    (API Gateway Developer Guide, troubleshooting HTTP API Lambda integrations.) MiniStack answers
    502 with the function's error.
    """
    if result.get("error") and not result.get("throttle"):
        message = json.dumps({"message": "Internal Server Error"})
        headers = {"Content-Type": "application/json"}
        return {"statusCode": 500, "headers": headers, "body": message}, None
    return _api_proxy_response(result)

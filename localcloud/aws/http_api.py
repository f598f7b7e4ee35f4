"""HTTP APIs as MiniStack has them, but for refresh tokens and for functions that fail."""

import json
from typing import Any

from localcloud.aws.ministack import Json, functions, gateway

_ministacks_validation = gateway._validate_jwt_authorizer
_ministacks_response = functions.lambda_execute_result_to_api_proxy_response


async def validate_token(*request: Any) -> tuple[Any, Any, Any]:
    """Claims, scopes and None; or two times None and the answer that refuses the request.

    Cognito encrypts refresh tokens, so that to a gateway they are no JWTs at all (AWS: Amazon
    Cognito Developer Guide, refresh tokens); MiniStack signs them like the others.
    """
    claims, scopes, refusal = await _ministacks_validation(*request)
    if claims and claims.get("token_use") == "refresh":
        return None, None, gateway._jwt_unauthorized()
    return claims, scopes, refusal


def function_response(result: Json) -> tuple[Any, Any]:
    """A function's response; of one that failed, died or ran out of time the gateway's own words.

    (AWS: API Gateway Developer Guide, troubleshooting HTTP API Lambda integrations.) MiniStack
    answers 502 with the error itself.
    """
    if result.get("error") and not result.get("throttle"):
        message = json.dumps({"message": "Internal Server Error"})
        headers = {"Content-Type": "application/json"}
        return {"statusCode": 500, "headers": headers, "body": message}, None
    return _ministacks_response(result)

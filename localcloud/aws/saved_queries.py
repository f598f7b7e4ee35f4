"""Put-, Describe- and DeleteQueryDefinition of CloudWatch Logs, which MiniStack lacks."""

import json
from datetime import UTC, datetime
from typing import Any

from localcloud.aws.ministack import Json, Response, logs, responses

_definitions: dict[str, Json] = {}
_handle_request = logs.handle_request


async def handle_request(method: str, path: str, headers: Json, body: bytes, query: Any) -> Any:
    """Answer the requests about query definitions; MiniStack answers all others."""
    operation = {
        "PutQueryDefinition": put,
        "DescribeQueryDefinitions": describe,
        "DeleteQueryDefinition": delete,
    }.get(headers.get("x-amz-target", "").rpartition(".")[2])
    if operation is None:
        return await _handle_request(method, path, headers, body, query)
    return operation(json.loads(body))


def put(request: Json) -> Response:
    """PutQueryDefinition; a name in use is refused."""
    given = request.get("queryDefinitionId")
    if given and given not in _definitions:
        return _refused("ResourceNotFoundException", f"no query definition {given}")
    id_ = given or responses.new_uuid()
    others = (each for key, each in _definitions.items() if key != id_)
    if any(each["name"] == request["name"] for each in others):
        return _refused("InvalidParameterException", f"{request['name']} exists")
    _definitions[id_] = {
        "queryDefinitionId": id_,
        "queryLanguage": request.get("queryLanguage", "CWLI"),
        "name": request["name"],
        "queryString": request["queryString"],
        "logGroupNames": request.get("logGroupNames", []),
        "lastModified": int(datetime.now(UTC).timestamp() * 1000),
    }
    return responses.json_response({"queryDefinitionId": id_})


def describe(request: Json) -> Response:
    """DescribeQueryDefinitions, sorted by name, on one page."""
    prefix = request.get("queryDefinitionNamePrefix", "")
    found = [each for each in _definitions.values() if each["name"].startswith(prefix)]
    return responses.json_response(
        {"queryDefinitions": sorted(found, key=lambda each: each["name"])}
    )


def delete(request: Json) -> Response:
    """DeleteQueryDefinition; `success` is false for an unknown id."""
    gone = _definitions.pop(request["queryDefinitionId"], None)
    return responses.json_response({"success": gone is not None})


def _refused(code: str, message: str) -> Response:
    return responses.error_response_json(code, message, 400)

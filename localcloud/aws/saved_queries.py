"""Saved queries of CloudWatch Logs, which MiniStack lacks: Put, Describe and DeleteQueryDefinition.

Kept as long as the emulator runs, like all else here. Nothing reads a query: what it returns is
judged by an interpreter of ours, not by the emulator.
"""

import json
from datetime import UTC, datetime
from typing import Any

from localcloud.aws.ministack import Json, Response, logs, responses

_definitions: dict[str, Json] = {}
_handle_request = logs.handle_request


async def handle_request(method: str, path: str, headers: Json, body: bytes, query: Any) -> Any:
    """What CloudWatch Logs is asked; replaces MiniStack's, which answers all the rest."""
    ours = {
        "PutQueryDefinition": put,
        "DescribeQueryDefinitions": describe,
        "DeleteQueryDefinition": delete,
    }.get(headers.get("x-amz-target", "").rpartition(".")[2])
    if ours is None:
        return await _handle_request(method, path, headers, body, query)
    return ours(json.loads(body))


def put(request: Json) -> Response:
    """A new definition, or another text for one that is there; a name that is taken is refused."""
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
    """Those whose name begins so, by name; all on one page."""
    prefix = request.get("queryDefinitionNamePrefix", "")
    found = [each for each in _definitions.values() if each["name"].startswith(prefix)]
    return responses.json_response(
        {"queryDefinitions": sorted(found, key=lambda each: each["name"])}
    )


def delete(request: Json) -> Response:
    """Forget one; success says whether it was there."""
    gone = _definitions.pop(request["queryDefinitionId"], None)
    return responses.json_response({"success": gone is not None})


def _refused(code: str, message: str) -> Response:
    return responses.error_response_json(code, message, 400)

"""The code of a function's version: GetFunction's Code.Location by qualifier.

MiniStack's location serves the newest code, whatever the qualifier.
"""

import json
from typing import Any

from localcloud.aws.ministack import Response, functions, responses

_get_function = functions._get_function
_serve_function_code = functions.serve_function_code
_OK = 200
_LATEST = "$LATEST"


def get_function(name: str, qualifier: str | None = None) -> Response:
    """GetFunction; the location of a published version names it (replaces `_get_function`)."""
    status, headers, body = _get_function(name, qualifier)
    answer: dict[str, Any] = json.loads(body)
    version = answer.get("Configuration", {}).get("Version", _LATEST)
    location = answer.get("Code", {}).get("Location")
    if status != _OK or version == _LATEST or not location:
        return status, headers, body
    answer["Code"]["Location"] = location.replace(f"/{name}?", f"/{name}:{version}?")
    return responses.json_response(answer)


def serve_function_code(
    name: str, account_id: str | None = None, region: str | None = None
) -> Response:
    """The zip behind a location (replaces `serve_function_code`)."""
    name, _, version = name.partition(":")
    function = functions._functions.get_scoped(account_id, region, name)
    if not version or not function:
        return _serve_function_code(name, account_id=account_id, region=region)
    record = function["versions"].get(version)
    if record is None:
        return 404, {"Content-Type": "text/plain"}, b"Version not found"
    return 200, {"Content-Type": "application/zip"}, record["code_zip"]

"""The calls that a run makes, in the ways that a user's client and an operator have."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

from localcloud.run_history import Event
from localcloud.state import LocalCloudError

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

_HTTP_SECONDS = 30.0
"""An HTTP API's integration ends after 30 seconds."""


@dataclass(frozen=True)
class Started:
    """What the API answers to a start."""

    execution_id: str
    execution_arn: str


def start_activity(api_url: str, id_token: str, goal_id: str) -> Started:
    """POST /goals/{goalId}/start-activity; raises LocalCloudError unless the answer is 202."""
    url = f"{api_url.rstrip('/')}/goals/{goal_id}/start-activity"
    try:
        answer = _send("POST", url, None, {"Authorization": f"Bearer {id_token}"})
    except HTTPError as error:
        with error:
            body = error.read().decode(errors="replace")
        raise _not_started(error.code, body) from None
    return Started(answer["executionId"], answer["executionArn"])


def _not_started(status: int, body: str) -> LocalCloudError:
    if status == HTTPStatus.CONFLICT:
        with suppress(ValueError, LookupError, TypeError):
            running = json.loads(body)["error"]["details"]["executionId"]
            return LocalCloudError(
                f"Execution {running} of this goal is still running. It ends by itself, within 15 "
                "minutes at most; `python -m localcloud down` ends it with the cloud."
            )
    return LocalCloudError(f"The HTTP API did not start the goal: {status} {body}")


def set_model(model_server_url: str, settings: Mapping[str, Any]) -> None:
    """Tell the model server what to do from now on, as if it had just been started."""
    control = f"{model_server_url.rstrip('/')}/control"
    _send("POST", f"{control}/reset", None, {})
    _send("PUT", control, settings, {})


def machine_status(client: "SFNClient", execution_arn: str) -> str:
    """The execution's status as Step Functions has it."""
    return client.describe_execution(executionArn=execution_arn)["status"]


def read_history(client: "SFNClient", execution_arn: str) -> list[Event]:
    """All events of an execution, from its start."""
    pages = client.get_paginator("get_execution_history").paginate(executionArn=execution_arn)
    return [dict(event) for page in pages for event in page["events"]]


def _send(method: str, url: str, body: Mapping[str, Any] | None, headers: dict[str, str]) -> Any:
    data = None if body is None else json.dumps(body).encode()
    headers = {**headers, "Content-Type": "application/json"}
    request = Request(url, data, headers, method=method)  # noqa: S310 - our own cloud's URL
    direct = build_opener(ProxyHandler({}))
    with direct.open(request, timeout=_HTTP_SECONDS) as reply:
        return json.loads(reply.read() or b"null")

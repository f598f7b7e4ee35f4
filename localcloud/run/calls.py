"""The requests of a run: to the API, the model server and Step Functions."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from localcloud.errors import LocalCloudError
from localcloud.run.api_client import ApiClient, ApiRefusedError
from localcloud.run.history import Event
from localcloud.run.http_calls import exchange

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


@dataclass(frozen=True)
class Started:
    """An execution that the API has started."""

    execution_id: str
    execution_arn: str


def start_activity(api_url: str, id_token: str, goal_id: str) -> Started:
    """POST /goals/{goalId}/start-activity. Raises LocalCloudError unless the answer is 202."""
    try:
        accepted = ApiClient(api_url, id_token).start(goal_id)
    except ApiRefusedError as error:
        raise _not_started(error) from None
    return Started(accepted["executionId"], accepted["executionArn"])


def _not_started(refusal: ApiRefusedError) -> LocalCloudError:
    running = refusal.details.get("executionId")
    if refusal.status == HTTPStatus.CONFLICT and running:
        return LocalCloudError(
            f"Execution {running} of this goal is still running. It ends by itself, within 15 "
            "minutes; `python -m localcloud down` ends it with the cloud."
        )
    return LocalCloudError(f"The HTTP API did not start the goal: {refusal}")


def set_model(model_server_url: str, settings: Mapping[str, Any]) -> None:
    """Reset the model server, then apply the settings."""
    control = f"{model_server_url.rstrip('/')}/control"
    for method, url, body in (("POST", f"{control}/reset", None), ("PUT", control, settings)):
        reply = exchange(method, url, body)
        if reply.status != HTTPStatus.OK:
            raise LocalCloudError(f"The model server refuses {url}: {reply.status} {reply.text}")


def machine_status(client: "SFNClient", execution_arn: str) -> str:
    """The execution's status in Step Functions."""
    return client.describe_execution(executionArn=execution_arn)["status"]


def read_history(client: "SFNClient", execution_arn: str) -> list[Event]:
    """All events of an execution, from its start."""
    pages = client.get_paginator("get_execution_history").paginate(executionArn=execution_arn)
    return [dict(event) for page in pages for event in page["events"]]

"""Stop an execution, and start the retry of one, in the operator's name."""

import json
from typing import Any

from components.names import ALIAS
from handlers.contract.functions import WORKFLOW_RECONCILE, WORKFLOW_START
from handlers.contract.statuses import ExecutionStatus
from ops.executions.reading import machine_execution, record_of
from ops.problems import OperatorError
from ops.stack import Stack

ACCEPTED = 202
_CONFLICT = 409
_MAX_CAUSE = 200


def stop(stack: Stack, execution_id: str, cause: str) -> bool:
    """Stop an execution; False if it was not running any more.

    workflow-reconcile then saves what was generated and ends record and lock: within seconds by
    Step Functions' event, or by its sweep within 5 minutes.
    """
    record = record_of(stack, execution_id)
    machine = machine_execution(stack, record.execution_arn)
    if machine is None or machine["status"] != "RUNNING":
        return False
    stack.client("stepfunctions").stop_execution(
        executionArn=record.execution_arn, error="STOPPED_BY_OPERATOR", cause=cause
    )
    return True


def check_cause(cause: str) -> None:
    """Raises OperatorError for a cause that says nothing or is too long."""
    if not cause.strip() or len(cause) > _MAX_CAUSE:
        raise OperatorError(f"--cause: give the reason, 1 to {_MAX_CAUSE} characters")


def check_ended(execution_id: str, status: str) -> None:
    """Raises OperatorError for an execution that is running: it cannot be retried."""
    if status == ExecutionStatus.RUNNING:
        raise OperatorError(f"execution {execution_id} is running: wait for its end, or stop it")


def reconcile(stack: Stack, execution_id: str | None = None) -> None:
    """Run workflow-reconcile as an event of the execution does, or as its schedule does.

    Lock, saves and fence are the product's own. Raises OperatorError if the function fails.
    """
    event = {"detail": {"name": execution_id}} if execution_id else {}
    reply = stack.client("lambda").invoke(
        FunctionName=stack.names.function(WORKFLOW_RECONCILE),
        Qualifier=ALIAS,
        Payload=json.dumps(event).encode(),
    )
    payload = json.loads(reply["Payload"].read())
    if "FunctionError" in reply:
        raise OperatorError(f"workflow-reconcile failed: {payload.get('errorType')}, see its log")


def retry(stack: Stack, execution_id: str) -> str:
    """Start an execution of the failed actions of one that has ended; its id.

    It asks workflow-start as the HTTP API does, for the execution's owner, so that lock, limits and
    idempotency are the product's own: the same retry twice starts one. Raises OperatorError.
    """
    record = record_of(stack, execution_id)
    check_ended(execution_id, record.status)
    status, body = post(
        stack,
        "/workflows/{executionId}/retry",
        {"executionId": execution_id},
        record.user_id,
        f"ops-retry-{execution_id}",
    )
    if status == ACCEPTED:
        return body["executionId"]
    error = body.get("error", {})
    running = error.get("details", {}).get("executionId")
    if status == _CONFLICT and running:
        raise OperatorError(f"goal {record.goal_id} is busy with execution {running}")
    raise OperatorError(f"workflow-start refuses: {error.get('code')}, {error.get('message')}")


def post(
    stack: Stack, route: str, ids: dict[str, str], user_id: str, key: str
) -> tuple[int, dict[str, Any]]:
    """Ask workflow-start as the HTTP API does, for a user: status code and body.

    ids: of the route's path. key: the idempotency key. Raises OperatorError if the function fails.
    """
    path = route.format_map(ids)
    event = {
        "version": "2.0",
        "routeKey": f"POST {route}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"idempotency-key": key},
        "pathParameters": ids,
        "requestContext": {
            "requestId": key,
            "stage": "$default",
            "http": {"method": "POST", "path": path},
            "authorizer": {"jwt": {"claims": {"sub": user_id, "token_use": "id"}}},
        },
        "isBase64Encoded": False,
    }
    reply = stack.client("lambda").invoke(
        FunctionName=stack.names.function(WORKFLOW_START),
        Qualifier=ALIAS,
        Payload=json.dumps(event).encode(),
    )
    payload: dict[str, Any] = json.loads(reply["Payload"].read())
    if "FunctionError" in reply:
        raise OperatorError(f"workflow-start failed: {payload.get('errorType')}, see its log")
    return payload["statusCode"], json.loads(payload["body"])

"""Lambda entry workflow-reconcile: ends executions at status-change events and on a schedule."""

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from handlers.contract.environment import ReconcileVariables, read
from handlers.contract.functions import WORKFLOW_RECONCILE
from handlers.executions.notifications import notifications_topic
from handlers.executions.reconcile import reconcile, sweep
from handlers.executions.state_machine import state_machine
from handlers.observability.telemetry import Telemetry
from handlers.runtime.init_phase import in_init_phase
from handlers.storage.execution_records import ExecutionRecord
from handlers.storage.stores import stores

telemetry = Telemetry(WORKFLOW_RECONCILE)


class SweepIncompleteError(Exception):
    """Some executions could not be checked. Lambda invokes again, and so does the schedule."""


@telemetry.observe(correlation_id_path="detail.name")
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ARG001 - Lambda's
    """EventBridge's event -> `{ended}`: ids of the executions that have ended.

    `detail.name` is the name of an execution, which is its id; the schedule's event has none.
    """
    name = event.get("detail", {}).get("name")
    if name is None:
        return {"ended": _sweep()}
    telemetry.identify(executionId=str(name))
    record = reconcile(stores(), state_machine(), str(name), _publish)
    telemetry.logger.info("reconciled", status=record.status if record else "unknown")
    return {"ended": [name] if record and record.stopped_at else []}


def _sweep() -> list[str]:
    seconds = read(ReconcileVariables).WORKFLOW_TIMEOUT_SECONDS
    result = sweep(stores(), state_machine(), timeout_seconds=seconds, publish=_publish)
    telemetry.logger.info(
        "swept", ended=result.ended, unavailable=result.unavailable, running=result.running
    )
    if result.unavailable:
        raise SweepIncompleteError(f"{len(result.unavailable)} executions: see the log")
    return result.ended


def _publish(record: ExecutionRecord) -> None:
    try:
        notifications_topic().publish(record)
    except (BotoCoreError, ClientError) as error:  # The execution has ended all the same.
        telemetry.logger.warning(
            "not published", executionId=record.execution_id, error=type(error).__name__
        )


in_init_phase(WORKFLOW_RECONCILE, stores, state_machine, notifications_topic)

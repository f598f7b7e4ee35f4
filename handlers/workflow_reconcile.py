"""Lambda entry workflow-reconcile: status-change events, and the sweep that needs none."""

import os
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from handlers.contract.environment import Env
from handlers.contract.functions import WORKFLOW_RECONCILE
from handlers.executions.reconcile import reconcile, sweep
from handlers.observability.telemetry import Telemetry
from handlers.storage.execution_records import ExecutionRecord
from handlers.storage.wiring import announcements, state_machine, stores

telemetry = Telemetry(WORKFLOW_RECONCILE)


class SweepIncompleteError(Exception):
    """Some executions could not be looked after; Lambda invokes again, and so does the schedule."""


@telemetry.observe(correlation_id_path="detail.name")
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ARG001 - Lambda's
    """EventBridge's event -> `{ended}`: ids of the executions that have their ending now.

    The name of an execution is its id. An event without one is the schedule's.
    """
    name = event.get("detail", {}).get("name")
    if name is None:
        return {"ended": _sweep()}
    telemetry.identify(executionId=str(name))
    record = reconcile(stores(), state_machine(), str(name), _announce)
    status = record.status if record else "unknown"
    telemetry.logger.info("reconciled", status=status)
    return {"ended": [name] if record and record.stopped_at else []}


def _announce(record: ExecutionRecord) -> None:
    try:
        announcements().tell(record)
    except (BotoCoreError, ClientError) as error:
        # It has its end all the same.
        telemetry.logger.warning(
            "not announced", executionId=record.execution_id, error=type(error).__name__
        )


def _sweep() -> list[str]:
    timeout_seconds = int(os.environ[Env.WORKFLOW_TIMEOUT_SECONDS])
    result = sweep(stores(), state_machine(), timeout_seconds=timeout_seconds, announce=_announce)
    telemetry.logger.info(
        "swept", ended=result.ended, unavailable=result.unavailable, running=result.running
    )
    if result.unavailable:
        raise SweepIncompleteError(f"{len(result.unavailable)} executions: see the log")
    return result.ended

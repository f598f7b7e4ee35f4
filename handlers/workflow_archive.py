"""Lambda entry workflow-archive: copies executions to S3 on a schedule, before TTL removes them."""

from datetime import timedelta
from functools import cache
from typing import Any

from handlers.archive.archive import Archive
from handlers.archive.archived_items import ArchivedItems
from handlers.contract.clock import utc_now
from handlers.contract.environment import env
from handlers.contract.functions import WORKFLOW_ARCHIVE
from handlers.contract.metric_names import MetricName
from handlers.observability.emit_metrics import count, measure
from handlers.observability.telemetry import Telemetry
from handlers.runtime.clients import STEADY, client
from handlers.runtime.init_phase import in_init_phase

telemetry = Telemetry(WORKFLOW_ARCHIVE)

_ONE_MORE_MS = 60_000
"""One more execution is begun only with this much time left: four calls, each with its attempts."""


class ArchiveIncompleteError(Exception):
    """Some executions could not be copied. Lambda invokes again, and so does the schedule."""


@telemetry.observe(correlation_id_path="id")
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ARG001 - Lambda's
    """The schedule's event -> `{archived, left}`: how many were copied, how many wait."""
    now, after = utc_now(), timedelta(days=env.ARCHIVE_AFTER_DAYS)
    result = _archive().run(
        now,
        after=after,
        ttl=timedelta(days=env.TTL_DAYS),
        has_time=lambda: context.get_remaining_time_in_millis() > _ONE_MORE_MS,
        report=_report,
    )
    count(MetricName.EXECUTIONS_ARCHIVED, len(result.archived))
    measure({MetricName.ARCHIVE_LAG: result.lag_seconds(now, after)})
    telemetry.logger.info(
        "archived", archived=len(result.archived), failed=result.failed, left=result.left
    )
    if result.failed:
        raise ArchiveIncompleteError(f"{len(result.failed)} executions: see the log")
    return {"archived": len(result.archived), "left": len(result.left)}


@cache
def _archive() -> Archive:
    items = ArchivedItems(client("dynamodb", STEADY), env.TABLE_NAME)
    return Archive(items, client("s3", STEADY), env.ARCHIVE_BUCKET)


def _report(execution_id: str, error: Exception) -> None:
    telemetry.logger.warning("not copied", executionId=execution_id, error=type(error).__name__)


in_init_phase(WORKFLOW_ARCHIVE, _archive)

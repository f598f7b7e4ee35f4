"""The metrics of an execution's end."""

from collections import Counter
from collections.abc import Sequence

from handlers.contract.errors import ErrorCode
from handlers.contract.metric_names import MetricName
from handlers.contract.statuses import ActionStatus, ExecutionStatus
from handlers.executions.progress import has_failed
from handlers.observability.emit_metrics import count, measure
from handlers.storage.models import ActionProgress


def emit_metrics(
    execution_id: str, status: ExecutionStatus, items: Sequence[ActionProgress]
) -> None:
    """Emit the metrics of an end. Only the call that ended the record does, so they count once."""
    count(MetricName.EXECUTIONS_ENDED, by=status, executionId=execution_id)
    if not items:
        return  # It ended before Prepare.
    failed = Counter(ErrorCode(item.error_code) for item in items if has_failed(item))
    saved = sum(item.status == ActionStatus.SAVED for item in items)
    values = {
        MetricName.ACTIONS_SUCCEEDED: saved,
        MetricName.FAILED_ACTIONS_SHARE: 100 * failed.total() / len(items),
    }
    measure(values, executionId=execution_id)
    for code, actions in failed.items():
        count(MetricName.ACTIONS_FAILED, actions, by=code, executionId=execution_id)
    if ErrorCode.DEADLINE in failed:
        count(MetricName.DEADLINE_CUTS, executionId=execution_id)

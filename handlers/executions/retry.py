"""What a retry does: the actions of an ended execution that failed, and no others."""

from handlers.contract.statuses import ExecutionStatus
from handlers.executions.cancel import ExecutionNotFoundError
from handlers.executions.progress import has_failed
from handlers.executions.start import AlreadyRunningError, StartRequest
from handlers.storage.wiring import Stores


class NothingFailedError(Exception):
    """No action of the execution has failed."""


def retry_request(stores: Stores, execution_id: str, *, user_id: str) -> StartRequest:
    """The start that retries the user's execution.

    Raises ExecutionNotFoundError, AlreadyRunningError while the execution runs itself,
    NothingFailedError.
    """
    record = stores.records.get(execution_id)
    if record is None or record.user_id != user_id:
        raise ExecutionNotFoundError(execution_id)
    if record.status == ExecutionStatus.RUNNING:
        raise AlreadyRunningError(execution_id)
    items = stores.work_items.of(execution_id)
    failed = tuple(item.action_id for item in items if has_failed(item))
    if not failed:
        raise NothingFailedError(execution_id)
    return StartRequest(record.goal_id, user_id, failed, execution_id)

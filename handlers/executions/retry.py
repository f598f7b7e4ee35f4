"""A retry: a new execution of the failed actions of one that has ended."""

from handlers.contract.statuses import ExecutionStatus
from handlers.executions.errors import (
    AlreadyRunningError,
    ExecutionNotFoundError,
    NothingToRetryError,
)
from handlers.executions.progress import has_failed
from handlers.executions.start import StartRequest
from handlers.storage.stores import Stores


def retry_request(
    stores: Stores, execution_id: str, *, user_id: str, request_id: str | None = None
) -> StartRequest:
    """The request that starts the retry of the user's execution.

    request_id: the API request's. Raises ExecutionNotFoundError, AlreadyRunningError while the
    execution itself runs, NothingToRetryError.
    """
    record = stores.records.get(execution_id)
    if record is None or record.user_id != user_id:
        raise ExecutionNotFoundError(execution_id)
    if record.status == ExecutionStatus.RUNNING:
        raise AlreadyRunningError(execution_id)
    items = stores.work_items.progress(execution_id)
    failed = tuple(item.action_id for item in items if has_failed(item))
    if not failed:
        raise NothingToRetryError(execution_id)
    return StartRequest(record.goal_id, user_id, failed, execution_id, request_id)

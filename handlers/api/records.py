"""The execution that a request names, for a caller who may see it."""

from handlers.api.application import Application
from handlers.api.errors import execution_not_found
from handlers.api.identifiers import execution_reference
from handlers.api.requests import NoQuery
from handlers.storage.execution_records import ExecutionRecord
from handlers.storage.models import ActionProgress
from handlers.storage.table import WorkflowTable


def requested(
    application: Application, table: WorkflowTable, execution_id: str
) -> tuple[ExecutionRecord, list[ActionProgress]]:
    """The record and the work items for the path's `{executionId}`; the request has no query.

    Raises ApiError 400, and 404 if there is no such execution or the caller may not see it.
    """
    reference = execution_reference(execution_id)
    application.identify(executionId=reference.execution_id)
    application.query(NoQuery)
    found = table.records.with_progress(reference.execution_id)
    caller = application.caller
    if found:
        record, _ = found
        if reference.names(record.execution_arn) and caller.may_watch(record.user_id):
            return found
    raise execution_not_found()

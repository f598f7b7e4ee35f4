"""The ids in a path: a UUID, or the ARN of an execution, whose name is a UUID."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

from handlers.api.errors import ApiError, InvalidField, execution_not_found, invalid

_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_UUID_ONLY = re.compile(_UUID)
_EXECUTION_ARN = re.compile(
    r"(?P<machine>arn:aws[a-z-]*:states:[a-z0-9-]+:[0-9]{12}:execution:[A-Za-z0-9_-]{1,80}:)"
    rf"(?P<id>{_UUID})"
)
ALLOWED = {
    "goalId": "目標の ID（UUID）",
    "executionId": "実行の ID（UUID）、または URL エンコードした実行の ARN",
}


@dataclass(frozen=True)
class ExecutionReference:
    """The execution that a path names.

    arn: the ARN, if the path has one; it must be the execution's.
    """

    execution_id: str
    arn: str | None = None

    def names(self, execution_arn: str) -> bool:
        """Whether the path names the execution with that ARN."""
        return self.arn in (None, execution_arn)


def execution_reference(text: str) -> ExecutionReference:
    """The execution in a path's `{executionId}`, URL-encoded or not. Raises ApiError 400."""
    decoded = unquote(text)
    if _UUID_ONLY.fullmatch(decoded):
        return ExecutionReference(decoded.lower())
    if arn := _EXECUTION_ARN.fullmatch(decoded):
        execution_id = arn["id"].lower()
        return ExecutionReference(execution_id, arn["machine"] + execution_id)
    raise malformed("executionId", text)


def execution_id(text: str, arn_of: Callable[[str], str]) -> str:
    """The id in a path's `{executionId}`. Raises ApiError 400, and 404 if it has another ARN.

    arn_of: the ARN of an execution by its id.
    """
    reference = execution_reference(text)
    if not reference.names(arn_of(reference.execution_id)):
        raise execution_not_found()
    return reference.execution_id


def goal_id(text: str) -> str:
    """The id in a path's `{goalId}`. Raises ApiError 400."""
    if not _UUID_ONLY.fullmatch(text):
        raise malformed("goalId", text)
    return text.lower()


def malformed(parameter: str, text: str) -> ApiError:
    """400 for a path parameter that is not an id."""
    return invalid([InvalidField(parameter, text, ALLOWED[parameter])])

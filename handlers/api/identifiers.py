"""The ids in a path: a UUID, or the ARN of an execution that ends in one."""

import re
from dataclasses import dataclass
from urllib.parse import unquote

from handlers.api.errors import ApiError, InvalidField, invalid

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
    """An execution as a path names it.

    arn: given when the path held an ARN, which then has to be the execution's own.
    """

    execution_id: str
    arn: str | None = None

    def names(self, execution_arn: str) -> bool:
        """Whether the execution with that ARN is meant."""
        return self.arn in (None, execution_arn)


def execution_reference(text: str) -> ExecutionReference:
    """What a path's `{executionId}` names; URL-encoded or not. Raises ApiError 400."""
    decoded = unquote(text)
    if _UUID_ONLY.fullmatch(decoded):
        return ExecutionReference(decoded.lower())
    if arn := _EXECUTION_ARN.fullmatch(decoded):
        execution_id = arn["id"].lower()
        return ExecutionReference(execution_id, arn["machine"] + execution_id)
    raise malformed("executionId", text)


def goal_id(text: str) -> str:
    """The id in a path's `{goalId}`. Raises ApiError 400."""
    if not _UUID_ONLY.fullmatch(text):
        raise malformed("goalId", text)
    return text.lower()


def malformed(parameter: str, text: str) -> ApiError:
    """400 for a path parameter that is no id."""
    return invalid([InvalidField(parameter, text, ALLOWED[parameter])])

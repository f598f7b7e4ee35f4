"""How a state fails by itself, before it is known where: the walk adds the state and its event."""

from typing import Any


class StatesRuntimeError(Exception):
    """States.Runtime: nothing retries or catches it."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class QueryEvaluationError(Exception):
    """States.QueryEvaluationError, from the field that `location` names ("" if none does)."""

    def __init__(self, message: str, location: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.location = location


class PathNotFoundError(Exception):
    """A JSONPath names nothing in its document; the words of AWS depend on the field.

    path: as it stands in the definition. document: what it was looked for in.
    """

    def __init__(self, message: str, path: str = "", document: Any = None) -> None:
        super().__init__(message)
        self.message, self.path, self.document = message, path, document

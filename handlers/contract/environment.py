"""The environment variables of the functions: their types, and which function has which.

The infrastructure writes what is declared here (components/compute/function_environment.py), a
function reads it once per cold start. None holds a secret.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast, overload

from handlers.contract.functions import (
    FUNCTIONS,
    SLACK_NOTIFIER,
    TASK_GENERATION,
    WORKFLOW_ARCHIVE,
    WORKFLOW_CANCEL,
    WORKFLOW_PREPARE,
    WORKFLOW_RECONCILE,
    WORKFLOW_START,
    WORKFLOW_STATUS,
    FunctionSpec,
)
from handlers.contract.languages import Language

_T = TypeVar("_T")
_SHOWN_CHARACTERS = 100


class EnvironmentVariableError(Exception):
    """A variable is missing or malformed: names it, what is allowed and its value."""


@dataclass(frozen=True)
class _Type(Generic[_T]):
    """A type of variables. parse: raises ValueError for a text that is not allowed."""

    parse: Callable[[str], _T]
    allowed: str


class Variable(Generic[_T]):
    """A variable: of the class `Env` its declaration, of an instance its value."""

    name: str

    def __init__(self, type_: _Type[_T], *functions: FunctionSpec) -> None:
        self._type = type_
        self.functions = functions or FUNCTIONS

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type) -> "Variable[_T]": ...
    @overload
    def __get__(self, instance: object, owner: type) -> _T: ...
    def __get__(self, instance: object | None, owner: type) -> "Variable[_T] | _T":
        if instance is None:
            return self
        # The value in the instance hides this descriptor from the next access.
        value = vars(instance)[self.name] = self._read()
        return value

    def _read(self) -> _T:
        text = os.environ.get(self.name)
        try:
            if text is not None:
                return self._type.parse(text)
        except ValueError:
            pass
        given = "nothing" if text is None else repr(text[:_SHOWN_CHARACTERS])
        raise EnvironmentVariableError(f"{self.name}: must be {self._type.allowed}, got {given}")


def _text(value: str) -> str:
    if not value:
        raise ValueError
    return value


def _count(value: str) -> int:
    if int(value) < 1:
        raise ValueError
    return int(value)


def _amount(value: str) -> int:
    if int(value) < 0:
        raise ValueError
    return int(value)


def _between(value: float, least: float, most: float) -> float:
    if not least <= value <= most:  # nor is NaN
        raise ValueError
    return value


def _language(value: str) -> Language:
    if value not in ("ja", "en"):
        raise ValueError
    return value


_TEXT = _Type(_text, "a text that is not empty")
_ANY_TEXT = _Type(str, "a text")
_TEXTS = _Type(lambda value: tuple(map(_text, value.split(","))), "texts with commas between them")
_COUNT = _Type(_count, "a whole number from 1")
_AMOUNT = _Type(_amount, "a whole number from 0")
_SECONDS = _Type(lambda value: _between(float(value), 0.001, 900), "seconds from 0.001 to 900")
_PAUSE = _Type(lambda value: _between(float(value), 0, 900), "seconds from 0 to 900")
_PERCENT = _Type(lambda value: _between(float(value), 0, 100), "a number from 0 to 100")
_LANGUAGE = _Type(_language, "ja or en")

_DATABASE = tuple(each for each in FUNCTIONS if each.dependencies == "database")


class Env:
    """The variables; without functions behind it, every function has the variable.

    Raises EnvironmentVariableError where a variable of an instance is read.
    """

    ENVIRONMENT = Variable(_TEXT)
    TABLE_NAME = Variable(_TEXT)
    TTL_DAYS = Variable(_COUNT)
    """How long items of the table are kept."""
    DATABASE_URL_SECRET_ARN = Variable(_TEXT, *_DATABASE)
    STATE_MACHINE_ARN = Variable(_TEXT, WORKFLOW_START, WORKFLOW_CANCEL, WORKFLOW_RECONCILE)
    """Of the alias, by which executions are started."""
    TRACED_PERCENT = Variable(_PERCENT, WORKFLOW_START)
    """Of the executions whose start is traced, how many are traced to their end."""
    WORKFLOW_TIMEOUT_SECONDS = Variable(_COUNT, WORKFLOW_PREPARE, WORKFLOW_RECONCILE)
    BATCH_SIZE = Variable(_COUNT, WORKFLOW_PREPARE)
    """How many actions one transaction saves."""
    MODEL_BUDGET_PER_MINUTE = Variable(_AMOUNT, WORKFLOW_PREPARE, TASK_GENERATION)
    """The tokens a minute that executions wait for; 0: they do not wait."""
    NOTIFICATIONS_TOPIC_ARN = Variable(_TEXT, WORKFLOW_RECONCILE)
    ARCHIVE_BUCKET = Variable(_TEXT, WORKFLOW_ARCHIVE)
    ARCHIVE_AFTER_DAYS = Variable(_COUNT, WORKFLOW_ARCHIVE)
    """The age at which an ended execution is copied to the bucket."""
    JWT_SECRET_ARN = Variable(_TEXT, WORKFLOW_STATUS)
    """Of the secret that the key of cursors is derived from."""
    BEDROCK_MODEL = Variable(_TEXT, TASK_GENERATION)
    MODEL_CALL_TIMEOUT_SECONDS = Variable(_SECONDS, TASK_GENERATION)
    """The read time-out of one model call."""
    HEDGE_AFTER_SECONDS = Variable(_PAUSE, TASK_GENERATION)
    """When a model call without an answer gets a second one beside it; 0: never."""
    SLACK_WEBHOOK_SECRET_ARN = Variable(_TEXT, SLACK_NOTIFIER)
    SLACK_QUEUE_URL = Variable(_TEXT, SLACK_NOTIFIER)
    SLACK_DEAD_LETTERS_URL = Variable(_TEXT, SLACK_NOTIFIER)
    SLACK_LANGUAGE = Variable(_LANGUAGE, SLACK_NOTIFIER)
    SLACK_ESCALATE_PERCENT = Variable(_PERCENT, SLACK_NOTIFIER)
    """From this share of failed actions on, an execution is an escalation."""
    SLACK_MENTION = Variable(_ANY_TEXT, SLACK_NOTIFIER)
    """Whom an escalation mentions, in Slack's markup; may be empty."""
    RUNBOOK_URL = Variable(_TEXT, SLACK_NOTIFIER)
    """A URL, or a path in the checkout."""
    DASHBOARD_URL = Variable(_TEXT, SLACK_NOTIFIER)
    LOG_GROUPS = Variable(_TEXTS, SLACK_NOTIFIER)


env = Env()
"""The variables of this function; each is read when it is first asked for."""


def variables_of(function: FunctionSpec) -> list[Variable[Any]]:
    """The variables that a function has."""
    declared = [
        cast(Variable[Any], each) for each in vars(Env).values() if isinstance(each, Variable)
    ]
    return [variable for variable in declared if function in variable.functions]

"""The environment variables of the functions: their types, and which function has which.

The infrastructure writes what is declared here (components/compute/function_environment.py), a
function reads it once per cold start. None holds a secret.
"""

import os
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import Annotated, NamedTuple, TypeVar, cast

from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError

from handlers.contract.functions import (
    SLACK_NOTIFIER,
    TASK_GENERATION,
    WORKFLOW_CANCEL,
    WORKFLOW_PREPARE,
    WORKFLOW_RECONCILE,
    WORKFLOW_START,
    WORKFLOW_STATUS,
    FunctionSpec,
)
from handlers.contract.languages import Language
from handlers.contract.validation import problems


class Env(StrEnum):
    """Names of the environment variables."""

    ENVIRONMENT = "ENVIRONMENT"
    TABLE_NAME = "TABLE_NAME"
    TTL_DAYS = "TTL_DAYS"
    STATE_MACHINE_ARN = "STATE_MACHINE_ARN"
    NOTIFICATIONS_TOPIC_ARN = "NOTIFICATIONS_TOPIC_ARN"
    DATABASE_URL_SECRET_ARN = "DATABASE_URL_SECRET_ARN"  # noqa: S105 - the ARN, not the secret
    JWT_SECRET_ARN = "JWT_SECRET_ARN"  # noqa: S105 - the ARN, not the secret
    SLACK_WEBHOOK_SECRET_ARN = "SLACK_WEBHOOK_SECRET_ARN"  # noqa: S105 - the ARN, not the secret
    TRACED_PERCENT = "TRACED_PERCENT"
    WORKFLOW_TIMEOUT_SECONDS = "WORKFLOW_TIMEOUT_SECONDS"
    BATCH_SIZE = "BATCH_SIZE"
    BEDROCK_MODEL = "BEDROCK_MODEL"
    MODEL_CALL_TIMEOUT_SECONDS = "MODEL_CALL_TIMEOUT_SECONDS"
    SLACK_QUEUE_URL = "SLACK_QUEUE_URL"
    SLACK_DEAD_LETTERS_URL = "SLACK_DEAD_LETTERS_URL"
    SLACK_LANGUAGE = "SLACK_LANGUAGE"
    SLACK_ESCALATE_PERCENT = "SLACK_ESCALATE_PERCENT"
    SLACK_MENTION = "SLACK_MENTION"
    RUNBOOK_URL = "RUNBOOK_URL"
    DASHBOARD_URL = "DASHBOARD_URL"
    LOG_GROUPS = "LOG_GROUPS"


_Text = Annotated[str, Field(min_length=1)]
_Count = Annotated[int, Field(ge=1)]
_Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
_Percent = Annotated[float, Field(ge=0, le=100)]
_List = Annotated[tuple[_Text, ...], BeforeValidator(lambda text: text.split(","))]


# Named tuples: a class of pydantic's or a dataclass each would cost five times the import time.
class MetricsVariables(NamedTuple):
    """ENVIRONMENT: of the stack, a dimension of every metric."""

    ENVIRONMENT: _Text


class TableVariables(NamedTuple):
    """TTL_DAYS: how long items of the table are kept."""

    TABLE_NAME: _Text
    TTL_DAYS: _Count


class DatabaseVariables(NamedTuple):
    """DATABASE_URL_SECRET_ARN: of the secret that holds the URL of PostgreSQL."""

    DATABASE_URL_SECRET_ARN: _Text


class StateMachineVariables(NamedTuple):
    """STATE_MACHINE_ARN: of the alias, by which executions are started."""

    STATE_MACHINE_ARN: _Text


class StartVariables(NamedTuple):
    """TRACED_PERCENT: of the executions whose start is traced, how many are traced to their end."""

    TRACED_PERCENT: _Percent


class PrepareVariables(NamedTuple):
    """BATCH_SIZE: how many actions one transaction saves."""

    WORKFLOW_TIMEOUT_SECONDS: _Count
    BATCH_SIZE: _Count


class ReconcileVariables(NamedTuple):
    """The time-out that the sweep measures its lag by, and the topic that it publishes ends to."""

    WORKFLOW_TIMEOUT_SECONDS: _Count
    NOTIFICATIONS_TOPIC_ARN: _Text


class StatusVariables(NamedTuple):
    """JWT_SECRET_ARN: of the secret that the cursors' key is derived from."""

    JWT_SECRET_ARN: _Text


class GenerationVariables(NamedTuple):
    """MODEL_CALL_TIMEOUT_SECONDS: the read time-out of one model call."""

    BEDROCK_MODEL: _Text
    MODEL_CALL_TIMEOUT_SECONDS: _Seconds


class SlackVariables(NamedTuple):
    """The queues that slack-notifier reads and writes, and what its messages show.

    SLACK_ESCALATE_PERCENT: from this share of failed actions on, an execution is an escalation.
    SLACK_MENTION: whom an escalation mentions, in Slack's markup; may be empty.
    RUNBOOK_URL: a URL, or a path in the checkout. LOG_GROUPS: names, with commas between them.
    """

    SLACK_WEBHOOK_SECRET_ARN: _Text
    SLACK_QUEUE_URL: _Text
    SLACK_DEAD_LETTERS_URL: _Text
    SLACK_LANGUAGE: Language
    SLACK_ESCALATE_PERCENT: _Percent
    SLACK_MENTION: str
    RUNBOOK_URL: _Text
    DASHBOARD_URL: _Text
    LOG_GROUPS: _List


class EnvironmentVariableError(Exception):
    """A variable is missing or malformed: names it, its value and what is allowed."""


_T = TypeVar("_T", bound=tuple[object, ...])


def groups_of(function: FunctionSpec) -> tuple[type[tuple[object, ...]], ...]:
    """The groups of variables of a function."""
    database = (DatabaseVariables,) if function.dependencies == "database" else ()
    return (MetricsVariables, TableVariables, *database, *_OWN.get(function, ()))


def variables_of(function: FunctionSpec) -> list[Env]:
    """The variables of a function, by name."""
    return [Env(name) for group in groups_of(function) for name in group.__annotations__]


def read(group: type[_T]) -> _T:
    """The variables of a group, read at the first call. Raises EnvironmentVariableError."""
    return cast(_T, validated(group))


@cache
def validated(group: type[tuple[object, ...]]) -> tuple[object, ...]:
    """What `read` returns; this keeps it, and functools.cache would hide its type."""
    given = {name: os.environ[name] for name in group.__annotations__ if name in os.environ}
    try:
        return TypeAdapter(group).validate_python(given)
    except ValidationError as error:
        raise EnvironmentVariableError(problems(error)) from None


_OWN: Mapping[FunctionSpec, tuple[type[tuple[object, ...]], ...]] = {
    WORKFLOW_START: (StateMachineVariables, StartVariables),
    WORKFLOW_STATUS: (StatusVariables,),
    WORKFLOW_CANCEL: (StateMachineVariables,),
    WORKFLOW_PREPARE: (PrepareVariables,),
    TASK_GENERATION: (GenerationVariables,),
    WORKFLOW_RECONCILE: (StateMachineVariables, ReconcileVariables),
    SLACK_NOTIFIER: (SlackVariables,),
}
"""What a function has besides the variables of metrics, table and database."""

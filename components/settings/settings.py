"""The settings of a stack: its configuration, the environment laid over it, checked once.

Every component gets what it needs from here; nothing else reads configuration.
"""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

import pulumi
from pulumi.runtime import get_config
from pulumi.runtime.config import CONFIG
from pydantic import (
    Field,
    SecretStr,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic.alias_generators import to_camel
from pydantic_core import ErrorDetails

from components.names import DATABASE_URL, JWT_SECRET, SLACK_WEBHOOK
from components.settings.sections import (
    STATE_MARGIN_SECONDS,
    Alarms,
    ApiThrottle,
    Cognito,
    CustomDomain,
    Generation,
    Group,
    Positive,
    Retry,
    Slack,
    Table,
    ThrottleRetry,
    Tracing,
    Vpc,
)

PROJECT = "goal-mandala"

ENVIRONMENTS = ("local", "dev", "staging", "prod")

MAX_CONCURRENCY = 40
"""An inline Map runs at most 40 iterations at once (AWS: Step Functions, Map state)."""

ENVIRONMENT_VARIABLES = {
    "workflow_timeout": "WORKFLOW_TIMEOUT",
    "max_batch_concurrency": "MAX_BATCH_CONCURRENCY",
    "max_action_concurrency": "MAX_ACTION_CONCURRENCY",
    "batch_size": "BATCH_SIZE",
    "database_url": "DATABASE_URL",
    "jwt_secret": "JWT_SECRET",
    "slack_webhook": "SLACK_WEBHOOK",
}
"""The guide's, and one for the third secret: set, they override the configuration."""

_GUARDS = {"account_id": "AWS_ACCOUNT_ID", "region": "AWS_REGION"}
"""These override nothing: they must agree."""

_SECRETS = ("database_url", "jwt_secret", "slack_webhook")
_PLAIN_TEXT = (*_SECRETS, "account_id", "region", "bedrock_model", "environment")


_MODEL = r"^((apac|eu|us)\.)?[a-z]+\.[a-z0-9-]+(:\d+)?$"
"""A model id such as amazon.nova-micro-v1:0, or an inference profile whose regions we know."""


class SettingsError(pulumi.RunError):
    """The settings are not usable; Pulumi shows the message without a stack trace."""


class Settings(Group):
    """All settings; the names of the configuration are these in camelCase (design: Settings).

    protect: refuse the deletion of what holds data, and keep it if the stack is destroyed (prod).
    permissions_boundary: keep the roles within the policy that deployment/ makes: CI may make no
        others.
    cors_origins: the web client's origins.
    """

    environment: Literal["local", "dev", "staging", "prod"]
    account_id: Annotated[str, StringConstraints(pattern=r"^\d{12}$")]
    region: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")]
    database_url: SecretStr
    jwt_secret: Annotated[SecretStr, Field(min_length=1)]
    slack_webhook: SecretStr
    workflow_timeout: Annotated[int, Field(ge=60, le=31_536_000)] = 900
    max_batch_concurrency: Positive = 3
    max_action_concurrency: Positive = 8
    batch_size: Annotated[int, Field(ge=1, le=64)] = 8
    retry: Retry = Retry()
    throttle_retry: ThrottleRetry = ThrottleRetry()
    generation: Generation = Generation()
    table: Table = Table()
    alarms: Alarms = Alarms()
    tracing: Tracing = Tracing()
    slack: Slack = Slack()
    alert_emails: list[Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$")]] = Field(
        default_factory=list[str]
    )
    cognito: Cognito | None = None
    bedrock_model: Annotated[str, StringConstraints(pattern=_MODEL)] = "apac.amazon.nova-micro-v1:0"
    vpc: Vpc | None = None
    log_retention_days: Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731] = 30
    protect: bool = False
    permissions_boundary: bool = False
    cors_origins: list[Annotated[str, StringConstraints(pattern=r"^https?://[^/*]+$")]] = Field(
        default_factory=list[str]
    )
    api_throttle: ApiThrottle = ApiThrottle()
    custom_domain: CustomDomain | None = None

    @property
    def secrets(self) -> dict[str, SecretStr]:
        """What goes to Secrets Manager, by the secret's name."""
        return {
            DATABASE_URL: self.database_url,
            JWT_SECRET: self.jwt_secret,
            SLACK_WEBHOOK: self.slack_webhook,
        }

    @property
    def concurrency(self) -> int:
        """How many model calls are in flight at most."""
        return self.max_batch_concurrency * self.max_action_concurrency

    @field_validator("database_url", mode="after")
    @classmethod
    def _is_postgresql(cls, value: SecretStr) -> SecretStr:
        return _starting_with(value, "postgresql://", "postgres://")

    @field_validator("slack_webhook", mode="after")
    @classmethod
    def _is_web_address(cls, value: SecretStr) -> SecretStr:
        return _starting_with(value, "https://", "http://")

    @model_validator(mode="after")
    def _fits_an_inline_map(self) -> Self:
        if self.concurrency > MAX_CONCURRENCY:
            raise ValueError(
                f"maxBatchConcurrency x maxActionConcurrency = {self.max_batch_concurrency} x"
                f" {self.max_action_concurrency} = {self.concurrency}: at most {MAX_CONCURRENCY},"
                " the limit of an inline Map"
            )
        return self

    @model_validator(mode="after")
    def _timeouts_nest(self) -> Self:
        if self.workflow_timeout <= self.generation.state_timeout_seconds:
            raise ValueError(
                f"workflowTimeout = {self.workflow_timeout}: must exceed generation.timeout"
                f" + {STATE_MARGIN_SECONDS} = {self.generation.state_timeout_seconds}"
                " (function < state < execution)"
            )
        return self


def read_settings(environ: Mapping[str, str]) -> Settings:
    """The settings of the current stack; raises SettingsError, naming all that is wrong."""
    known = {_key(field): field for field in Settings.model_fields}
    unknown = [key for key in CONFIG.get() if key.startswith(PROJECT) and key not in known]
    if unknown:
        raise SettingsError(f"unknown: {', '.join(unknown)}; known are {', '.join(sorted(known))}")
    configured = {field: get_config(key) for key, field in known.items()}
    raw = {field: value for field, value in configured.items() if value is not None}
    return parse({**raw, "environment": pulumi.get_stack()}, environ)


def parse(configured: Mapping[str, str], environ: Mapping[str, str]) -> Settings:
    """Settings from the configuration's strings (by field name) and the environment's."""
    overrides = {
        field: environ[name] for field, name in ENVIRONMENT_VARIABLES.items() if environ.get(name)
    }
    raw = {**configured, **overrides}
    try:
        settings = Settings.model_validate(
            {to_camel(field): _value(field, text) for field, text in raw.items()}
        )
    except ValidationError as error:
        problems = (_problem(detail, overrides) for detail in error.errors(include_url=False))
        raise SettingsError("\n".join(problems)) from None
    for field, name in _GUARDS.items():
        if environ.get(name, getattr(settings, field)) != getattr(settings, field):
            raise SettingsError(
                f"{name} = {environ[name]}, but {_key(field)} of stack {settings.environment} is"
                f" {getattr(settings, field)}: they must agree"
            )
    return settings


def check_credentials(settings: Settings, account: str) -> None:
    """Refuse to go on with the credentials of another account."""
    if account != settings.account_id:
        raise SettingsError(
            f"the credentials belong to account {account}, but {_key('account_id')} of stack"
            f" {settings.environment} is {settings.account_id}: use that account's credentials"
        )


def _key(field: str) -> str:
    return "aws:region" if field == "region" else f"{PROJECT}:{to_camel(field)}"


def _value(field: str, text: str) -> Any:
    if field in _PLAIN_TEXT:
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text  # its field refuses it, and says what it wants


def _problem(detail: ErrorDetails, overrides: Mapping[str, str]) -> str:
    message = detail["msg"].removeprefix("Value error, ")
    if not detail["loc"]:
        return message
    field = next(f for f in Settings.model_fields if to_camel(f) == detail["loc"][0])
    key = ".".join([_key(field), *map(str, detail["loc"][1:])])
    if detail["type"] == "missing" and field in _SECRETS:
        variable = ENVIRONMENT_VARIABLES[field]
        return f"{key} is missing: pulumi config set --secret {key}, or set {variable}"
    if detail["type"] == "missing":
        return f"{key} is missing: pulumi config set --path {key}"
    value = "(secret)" if field in _SECRETS else repr(detail["input"])
    origin = f"{ENVIRONMENT_VARIABLES[field]}, over {key}," if field in overrides else key
    return f"{origin} = {value}: {message}"


def _starting_with(value: SecretStr, *beginnings: str) -> SecretStr:
    if not value.get_secret_value().startswith(beginnings):
        raise ValueError(f"must begin with {' or '.join(beginnings)}")
    return value

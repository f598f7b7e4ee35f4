"""The model of the settings: every field, its limits and its default."""

from typing import Annotated, Literal, Self

import pulumi
from pydantic import Field, SecretStr, StringConstraints, field_validator, model_validator

from components.names import DATABASE_URL, JWT_SECRET, SLACK_WEBHOOK, Names
from components.settings.sections import (
    STATE_MARGIN_SECONDS,
    AlarmSettings,
    ApiThrottleSettings,
    CognitoSettings,
    CustomDomainSettings,
    GenerationSettings,
    Positive,
    RetrySettings,
    Section,
    SlackSettings,
    TableSettings,
    ThrottleRetrySettings,
    TracingSettings,
    VpcSettings,
)

ENVIRONMENTS = ("local", "dev", "staging", "prod")

MAX_CONCURRENCY = 40
"""An inline Map runs at most 40 iterations at once (AWS: Step Functions, Map state)."""

AccountId = Annotated[str, StringConstraints(pattern=r"^\d{12}$")]
Region = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")]
BedrockModel = Annotated[
    str, StringConstraints(pattern=r"^((apac|eu|us)\.)?[a-z]+\.[a-z0-9-]+(:\d+)?$")
]
"""A model id such as amazon.nova-micro-v1:0, or an inference profile of a known geography
(components/iam/grants.py: PROFILE_REGIONS)."""

DEFAULT_BEDROCK_MODEL = "apac.amazon.nova-micro-v1:0"


class SettingsError(pulumi.RunError):
    """The settings are not usable; Pulumi shows the message without a stack trace."""


class Settings(Section):
    """All settings; their names in the configuration are the fields' in camelCase.

    protect: refuse the deletion of what holds data, and keep it if the stack is destroyed (prod).
    permissions_boundary: put the roles under the policy of deployment/; CI may create no others.
    cors_origins: the web client's origins.
    """

    environment: Literal["local", "dev", "staging", "prod"]
    account_id: AccountId
    region: Region
    database_url: SecretStr
    jwt_secret: Annotated[SecretStr, Field(min_length=1)]
    slack_webhook: SecretStr
    workflow_timeout: Annotated[int, Field(ge=60, le=31_536_000)] = 900
    max_batch_concurrency: Positive = 3
    max_action_concurrency: Positive = 8
    batch_size: Annotated[int, Field(ge=1, le=64)] = 8
    retry: RetrySettings = RetrySettings()
    throttle_retry: ThrottleRetrySettings = ThrottleRetrySettings()
    generation: GenerationSettings = GenerationSettings()
    table: TableSettings = TableSettings()
    alarms: AlarmSettings = AlarmSettings()
    tracing: TracingSettings = TracingSettings()
    slack: SlackSettings = SlackSettings()
    alert_emails: list[Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$")]] = Field(
        default_factory=list[str]
    )
    cognito: CognitoSettings | None = None
    bedrock_model: BedrockModel = DEFAULT_BEDROCK_MODEL
    vpc: VpcSettings | None = None
    log_retention_days: Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731] = 30
    protect: bool = False
    permissions_boundary: bool = False
    cors_origins: list[Annotated[str, StringConstraints(pattern=r"^https?://[^/*]+$")]] = Field(
        default_factory=list[str]
    )
    api_throttle: ApiThrottleSettings = ApiThrottleSettings()
    custom_domain: CustomDomainSettings | None = None

    @property
    def names(self) -> Names:
        """The names and ARNs of the stack."""
        return Names(self.environment, self.account_id, self.region)

    @property
    def secrets(self) -> dict[str, SecretStr]:
        """What Secrets Manager stores, by the secret's name."""
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


def _starting_with(value: SecretStr, *beginnings: str) -> SecretStr:
    if not value.get_secret_value().startswith(beginnings):
        raise ValueError(f"must begin with {' or '.join(beginnings)}")
    return value

"""The model of the settings: every field, its limits and its default."""

from typing import Annotated, Literal, Self

import pulumi
from pydantic import (
    Field,
    SecretStr,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from components.arns import Arn
from components.names import DATABASE_URL, JWT_SECRET, SLACK_WEBHOOK, Names
from components.settings.sections import (
    STATE_MARGIN_SECONDS,
    AdmissionSettings,
    AdoptSettings,
    AlarmSettings,
    ApiThrottleSettings,
    ArchiveSettings,
    BackupSettings,
    CanarySettings,
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
from handlers.contract import database_url
from handlers.contract.functions import FUNCTIONS

ENVIRONMENTS = ("local", "dev", "staging", "prod")

MAX_CONCURRENCY = 40
"""An inline Map runs at most 40 iterations at once (AWS: Step Functions, Map state)."""

LEAST_ARCHIVE_DAYS = 7
"""Between the archive's copy of an execution and the end of its TTL: a week of failures."""

AccountId = Annotated[str, StringConstraints(pattern=r"^\d{12}$")]
Region = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")]
_MODEL_ID = r"((apac|au|eu|global|jp|us)\.)?[a-z]+\.[a-z0-9-]+(:\d+)?"
_APPLICATION_PROFILE = (
    r"arn:aws:bedrock:[a-z0-9-]+:\d{12}:application-inference-profile/[a-zA-Z0-9]+"
)

BedrockModelId = Annotated[str, StringConstraints(pattern=rf"^{_MODEL_ID}$")]
"""A model id such as amazon.nova-micro-v1:0, or an inference profile of a known geography
(components/iam/grants.py: PROFILE_REGIONS) or of all regions (global.)."""

BedrockModel = Annotated[str, StringConstraints(pattern=rf"^({_MODEL_ID}|{_APPLICATION_PROFILE})$")]
"""A model id, or the ARN of an application inference profile."""

STATE_MACHINE_PIN = "state-machine"
OperatorArn = Annotated[
    str, StringConstraints(pattern=r"^arn:aws:iam::\d{12}:(user|role)/[\w+=,.@/-]+$")
]
"""A user or a role, by name."""

PinnedName = Annotated[
    str,
    StringConstraints(
        pattern=f"^({'|'.join([*(spec.name for spec in FUNCTIONS), STATE_MACHINE_PIN])})$"
    ),
]

DEFAULT_BEDROCK_MODEL = "apac.amazon.nova-micro-v1:0"


DEFAULT_ACCOUNT_CONCURRENCY = 1000
"""Lambda's quota of concurrent executions unless AWS changed it (AWS Lambda: quotas)."""


class SettingsError(pulumi.RunError):
    """The settings are not usable; Pulumi shows the message without a stack trace."""


class Settings(Section):
    """All settings; their names in the configuration are the fields' in camelCase.

    cognito: the product's user pool; without it the stack has one of its own. To set it deletes
        that one with its users, which `protect` refuses: remove it from the stack's state first.
    snap_start: start the API's functions and task-generation from a snapshot of their initialised
        state. It is paid for, per version and restore, and excludes provisioned concurrency.
    protect: refuse the deletion of what holds data, and keep it if the stack is destroyed (prod).
    adopt: create the stack anew with what a destroyed one of its name has left.
    bedrock_profile_source: the model or inference profile from which the application inference
        profile in bedrock_model was made: the profile's ARN does not name it, but IAM needs it.
    kept_versions: how many published versions `python -m ops prune` leaves of each function and of
        the state machine, beside those in use.
    pins: function name or `state-machine` -> the published version that `live` stays at, whatever
        is deployed: `python -m ops rollback` writes it, and `--newest` takes it away.
    operators: who may assume the two operator roles, with a second factor: users of the stack's
        account, or roles whose sessions were begun with one. Without any there are no such roles.
    permissions_boundary: put the roles under the policy of deployment/; CI may create no others.
    account_concurrency: Lambda's quota of concurrent executions in the account; None: read from
        Service Quotas when the stack is previewed or deployed.
    browser_client: whether a web client calls the API from a browser. If not, no origin may, and
        staging and prod need no cors_origins.
    cors_origins: the web client's origins.
    canary: what `python -m ops verify --canary` starts; nothing is deployed for it.
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
    snap_start: bool = False
    admission: AdmissionSettings = AdmissionSettings()
    table: TableSettings = TableSettings()
    archive: ArchiveSettings = ArchiveSettings()
    backups: BackupSettings = BackupSettings()
    alarms: AlarmSettings = AlarmSettings()
    tracing: TracingSettings = TracingSettings()
    slack: SlackSettings = SlackSettings()
    alert_emails: list[Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$")]] = Field(
        default_factory=list[str]
    )
    cognito: CognitoSettings | None = None
    bedrock_model: BedrockModel = DEFAULT_BEDROCK_MODEL
    bedrock_profile_source: BedrockModelId | None = None
    account_concurrency: Positive | None = None
    vpc: VpcSettings | None = None
    log_retention_days: Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731] = 30
    kept_versions: Annotated[int, Field(ge=2, le=100)] = 10
    pins: dict[PinnedName, Positive] = Field(default_factory=dict[PinnedName, Positive])
    operators: Annotated[list[OperatorArn], Field(max_length=20)] = Field(
        default_factory=list[OperatorArn]
    )
    protect: bool = False
    permissions_boundary: bool = False
    browser_client: bool = True
    cors_origins: list[Annotated[str, StringConstraints(pattern=r"^https?://[^/*]+$")]] = Field(
        default_factory=list[str]
    )
    api_throttle: ApiThrottleSettings = ApiThrottleSettings()
    adopt: AdoptSettings | None = None
    custom_domain: CustomDomainSettings | None = None
    canary: CanarySettings | None = None

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
    def _can_be_connected_to(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        local = info.data.get("environment") == "local"
        database_url.parse(value.get_secret_value(), local=local)
        return value

    @field_validator("slack_webhook", mode="after")
    @classmethod
    def _is_web_address(cls, value: SecretStr) -> SecretStr:
        if not value.get_secret_value().startswith(("https://", "http://")):
            raise ValueError("must begin with https:// or http://")
        return value

    @model_validator(mode="after")
    def _names_the_model_behind_a_profile(self) -> Self:
        is_profile = self.bedrock_model.startswith("arn:")
        if is_profile != bool(self.bedrock_profile_source):
            raise ValueError(
                f"bedrockModel = {self.bedrock_model}, bedrockProfileSource ="
                f" {self.bedrock_profile_source}: an application inference profile needs"
                " bedrockProfileSource, the model or inference profile that it was made from; any"
                " other model takes none"
            )
        here = self.names.arn(Arn.APPLICATION_PROFILE)
        if is_profile and not self.bedrock_model.startswith(here):
            raise ValueError(
                f"bedrockModel = {self.bedrock_model}: must begin with {here}, the stack's account"
                " and region"
            )
        return self

    @model_validator(mode="after")
    def _operators_are_of_the_account(self) -> Self:
        for each in self.operators:
            if each.split(":")[4] != self.account_id:
                raise ValueError(
                    f"operators: {each} is not of account {self.account_id}, the stack's: list"
                    " users or roles of that account"
                )
        return self

    @model_validator(mode="after")
    def _lets_its_web_client_in(self) -> Self:
        needs_origins = self.browser_client and self.environment in ("staging", "prod")
        if needs_origins and not self.cors_origins:
            raise ValueError(
                "corsOrigins = []: browsers would refuse the API to every web client: list the"
                " client's origins, such as https://goals.example.com, or set browserClient: false"
            )
        if self.cors_origins and not self.browser_client:
            raise ValueError(
                f"corsOrigins = {self.cors_origins}, browserClient = false: a client in a browser"
                " has origins, and no other client needs them"
            )
        return self

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
    def _is_warm_or_starts_from_a_snapshot(self) -> Self:
        warm = self.generation.provisioned_concurrency
        if self.snap_start and warm:
            raise ValueError(
                f"snapStart = true, generation.provisionedConcurrency = {warm}: Lambda refuses both"
                " for one function: set generation.provisionedConcurrency to 0 or snapStart to"
                " false"
            )
        return self

    @model_validator(mode="after")
    def _archives_before_items_expire(self) -> Self:
        latest = self.table.ttl_days - LEAST_ARCHIVE_DAYS
        if self.archive.after_days > latest:
            raise ValueError(
                f"archive.afterDays = {self.archive.after_days}, table.ttlDays ="
                f" {self.table.ttl_days}: at most ttlDays - {LEAST_ARCHIVE_DAYS} = {latest}, so"
                " that a copy that fails can be made again before the items are deleted"
            )
        if self.archive.keep_days <= self.table.ttl_days:
            raise ValueError(
                f"archive.keepDays = {self.archive.keep_days}, table.ttlDays ="
                f" {self.table.ttl_days}: the archive must keep executions longer than the table"
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

    @model_validator(mode="after")
    def _alarm_on_execution_time_can_fire(self) -> Self:
        chosen = "execution_time" in self.alarms.model_fields_set
        if chosen and self.alarms.execution_time >= self.workflow_timeout:
            raise ValueError(
                f"alarms.executionTime = {self.alarms.execution_time}: must be below"
                f" workflowTimeout = {self.workflow_timeout}, or the alarm never fires"
            )
        return self

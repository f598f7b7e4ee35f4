"""The sections of the settings: what the configuration holds as objects."""

from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)
from pydantic.alias_generators import to_camel

from handlers.contract.functions import TASK_GENERATION
from handlers.contract.languages import Language

STATE_MARGIN_SECONDS = 10
"""A state's time-out is this much longer than its function's: the function's error comes first."""

_BESIDE_TWO_CALLS_SECONDS = 30
"""In one invocation: connecting (5 s, twice), the table's writes (10 s), and as much to spare."""

DEFAULT_RUNBOOK = "docs/runbook.md"
"""In the checkout: no address is known, and a message shows no link that leads nowhere."""
"""In the repository that deployment/Pulumi.{stack}.yaml names as long as nobody put their own."""

Positive = Annotated[int, Field(ge=1)]
Percent = Annotated[float, Field(ge=0, le=100)]
PercentThreshold = Annotated[float, Field(gt=0, lt=100)]
"""A share that an alarm compares: above 100 % it never fires, above 0 % for any single failure."""


class Section(BaseModel):
    """Settings that belong together: camelCase in the configuration, all known, no conversions."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        extra="forbid",
        frozen=True,
        strict=True,
        hide_input_in_errors=True,
    )


class RetrySettings(Section):
    """How the state machine retries errors that may pass."""

    interval_seconds: Annotated[int, Field(ge=1, le=59)] = 2
    max_attempts: Annotated[int, Field(ge=0, le=10)] = 3
    backoff_rate: Annotated[float, Field(ge=1, le=5)] = 2.0


class ThrottleRetrySettings(RetrySettings):
    """How it retries where the model throttles: Bedrock's quotas are per minute."""

    interval_seconds: Annotated[int, Field(ge=1, le=59)] = 10
    max_attempts: Annotated[int, Field(ge=0, le=10)] = 5


class GenerationSettings(Section):
    """The function task-generation (timeout: seconds, memory: MB).

    hedge_after_seconds: a model call that has not been answered by then gets a second one beside
        it, and whichever answers first counts. Both are paid for. 0: none does.
    """

    timeout: Annotated[int, Field(ge=45, le=900)] = TASK_GENERATION.timeout_seconds
    memory: Annotated[int, Field(ge=128, le=10_240)] = TASK_GENERATION.memory_mb
    provisioned_concurrency: Annotated[int, Field(ge=0)] = 0
    reserved_concurrency: Positive | None = None
    hedge_after_seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0

    @model_validator(mode="after")
    def _hedges_calls_that_have_not_ended(self) -> Self:
        if self.hedge_after_seconds >= self.call_timeout_seconds:
            raise ValueError(
                f"hedgeAfterSeconds = {self.hedge_after_seconds:g}, timeout = {self.timeout}: must"
                f" be below (timeout - {_BESIDE_TWO_CALLS_SECONDS}) / 2 ="
                f" {self.call_timeout_seconds}, the time-out of a model call: by then the first"
                " call has ended, and a second one could not end within the function's time"
            )
        return self

    @property
    def call_timeout_seconds(self) -> int:
        """Time-out of one model call: two, the answer and its repair, fit into the function's."""
        return (self.timeout - _BESIDE_TWO_CALLS_SECONDS) // 2

    @property
    def state_timeout_seconds(self) -> int:
        """Time-out of the state that waits for the function."""
        return self.timeout + STATE_MARGIN_SECONDS


class AdmissionSettings(Section):
    """How executions share the model's quota: each waits until the budget has room for it.

    tokens_per_minute: what this stack may take of Bedrock's tokens a minute for its model (Service
        Quotas), with some to spare for estimates that are too low. 0: no execution waits.
    """

    tokens_per_minute: Annotated[int, Field(ge=0, le=1_000_000_000)] = 0


class TracingSettings(Section):
    """X-Ray. A trace costs money, so a stack with many executions traces a share of them."""

    executions_percent: Percent = 100.0


class TableSettings(Section):
    """The table of executions; the capacities count only where billing is provisioned.

    ttl_days: how long items are kept.
    """

    billing: Literal["onDemand", "provisioned"] = "onDemand"
    read: Positive = 10
    write: Positive = 10
    index_read: Positive = 5
    index_write: Positive = 5
    ttl_days: Positive = 90


class ArchiveSettings(Section):
    """The archive of executions in S3, which outlives the table's TTL.

    after_days: the age at which an ended execution is copied. The earlier, the longer is the time
        in which a copy that fails can be made again.
    keep_days: how long the bucket keeps it. No colder storage class: an execution is smaller than
        the 128 kB below which S3 moves no object.
    """

    after_days: Positive = 7
    keep_days: Positive = 1095


Cron = Annotated[str, StringConstraints(pattern=r"^cron\(\S+ \S+ \S+ \S+ \S+ \S+\)$")]


class BackupSettings(Section):
    """Backups of the table in AWS Backup; schedules in UTC.

    enabled: on in prod, whose table nobody can make again. A backup is a full copy of the table and
        is paid for: dev and staging hold test data, for which point-in-time recovery is enough, and
        locally no service makes backups.
    daily_days: how long each day's backup is kept, by default as far back as point-in-time recovery
        goes. monthly_days: each month's (guide: 月次タスク).
    """

    enabled: bool = False
    daily_schedule: Cron = "cron(0 18 * * ? *)"
    daily_days: Annotated[int, Field(ge=1, le=36_500)] = 35
    monthly_schedule: Cron = "cron(0 19 1 * ? *)"
    monthly_days: Annotated[int, Field(ge=1, le=36_500)] = 365


class AlarmSettings(Section):
    """Thresholds: rates and shares in percent, times in seconds, the rest counts.

    period: of most alarms. run_period: of rates over executions, of which there are fewer.
    points of periods: an alarm that calls a person fires with the first bad period and is over with
        the last one, so that an outage with few users is one message too. A notice needs
        notice_points (guide: 2) of notice_periods.
    escalation: how long an outage lasts before a second message.
    minimum_runs, minimum_failures: how many executions have ended, and ended badly, in a period
        before a rate over them may fire.
    partial_rate: executions of which some action failed. deadline_rate: those that the deadline
        cut short.
    archive_lag: seconds since the oldest execution should have been archived.
    failed_actions: share of all actions. model_*: shares of the calls of the model.
    execution_time: of one execution; in any case an alarm fires from timeout_share of its time-out.
    timeout_share: a function's p95 duration against its own time-out.
    daily_cost: US dollars that the model may cost in 24 hours.
    runbook: the runbook's address, without an anchor. Slack makes a link of one with https://, and
        shows a path as text.
    """

    period: Annotated[int, Field(ge=60, le=3600, multiple_of=60)] = 300
    run_period: Annotated[int, Field(ge=60, le=3600, multiple_of=60)] = 900
    points: Annotated[int, Field(ge=1, le=12)] = 1
    periods: Annotated[int, Field(ge=1, le=24)] = 6
    notice_points: Annotated[int, Field(ge=1, le=12)] = 2
    notice_periods: Annotated[int, Field(ge=1, le=24)] = 12
    escalation: Annotated[int, Field(ge=600, le=86_400, multiple_of=60)] = 3600
    minimum_runs: Positive = 5
    minimum_failures: Positive = 5
    failure_rate: PercentThreshold = 10
    timeout_rate: PercentThreshold = 5
    partial_rate: PercentThreshold = 95
    deadline_rate: PercentThreshold = 5
    failed_actions: PercentThreshold = 10
    execution_time: Positive = 600
    reconcile_lag: Positive = 360
    model_failure_rate: PercentThreshold = 50
    model_throttle_rate: PercentThreshold = 50
    daily_cost: Annotated[float, Field(gt=0)] = 10
    lambda_error_rate: PercentThreshold = 5
    lambda_duration: Positive = 30
    timeout_share: PercentThreshold = 80
    throttles: Annotated[int, Field(ge=0)] = 0
    concurrency: PercentThreshold = 80
    dynamo_capacity: PercentThreshold = 80
    user_errors: Annotated[int, Field(ge=0)] = 0
    system_errors: Annotated[int, Field(ge=0)] = 0
    api_error_rate: PercentThreshold = 5
    archive_lag: Positive = 86_400
    dead_letters: Annotated[int, Field(ge=0)] = 0
    runbook: Annotated[str, StringConstraints(pattern=r"^[^\s#]+$")] = DEFAULT_RUNBOOK

    @model_validator(mode="after")
    def _needs_no_more_points_than_periods(self) -> Self:
        for points, periods, of in (
            (self.points, self.periods, ("points", "periods")),
            (self.notice_points, self.notice_periods, ("noticePoints", "noticePeriods")),
        ):
            if points > periods:
                raise ValueError(
                    f"{of[0]} = {points}, {of[1]} = {periods}: an alarm cannot need more bad"
                    f" periods than it looks at: lower {of[0]} or raise {of[1]}"
                )
        return self


class SlackSettings(Section):
    """Which endings of executions become messages, in which language, with which mention.

    endings: statuses of executions; a success is no message unless it is listed.
    escalate_percent: from this share of an execution's actions that failed on, its ending is an
        escalation.
    mention: whom an escalation calls: here, channel, or the id of a user or user group.
    """

    language: Language = "ja"
    endings: list[Literal["SUCCEEDED", "PARTIALLY_SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"]] = (
        Field(
            default_factory=lambda: ["PARTIALLY_SUCCEEDED", "FAILED", "TIMED_OUT"],
            min_length=1,
            max_length=5,
        )
    )
    escalate_percent: Annotated[float, Field(gt=0, le=100)] = 50
    mention: (
        Annotated[str, StringConstraints(pattern=r"^(here|channel|[UW][A-Z0-9]+|S[A-Z0-9]+)$")]
        | None
    ) = None

    @property
    def mention_markup(self) -> str:
        """The mention in Slack's markup; empty for no one."""
        match self.mention:
            case None:
                return ""
            case "here" | "channel":
                return f"<!{self.mention}>"
            case group if group.startswith("S"):
                return f"<!subteam^{group}>"
            case user:
                return f"<@{user}>"


UserPoolId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+_[A-Za-z0-9]+$")]


class CognitoSettings(Section):
    """The product's user pool."""

    user_pool_id: UserPoolId
    client_ids: Annotated[list[str], Field(min_length=1)]


VPC_ENDPOINTS = ("dynamodb", "secretsmanager", "sns", "states")
"""The AWS services that functions in a VPC call (com.amazonaws.REGION.SERVICE): dynamodb by a
gateway endpoint, the others by interface endpoints with private DNS names."""


class VpcSettings(Section):
    """The network of the functions that use PostgreSQL.

    subnet_ids: private subnets, in different Availability Zones. A function in a VPC has no public
        address: without a NAT gateway the VPC needs the endpoints in VPC_ENDPOINTS, or each call
        ends with a time-out.
    security_group_ids: they let out TCP to the database's port and to 443. The groups of the
        database and of the interface endpoints let these groups in.
    """

    subnet_ids: Annotated[
        list[Annotated[str, StringConstraints(pattern=r"^subnet-[0-9a-f]{1,17}$")]],
        Field(min_length=2, max_length=16),
    ]
    security_group_ids: Annotated[
        list[Annotated[str, StringConstraints(pattern=r"^sg-[0-9a-f]{1,17}$")]],
        Field(min_length=1, max_length=5),
    ]

    @field_validator("subnet_ids", "security_group_ids", mode="after")
    @classmethod
    def _are_different(cls, ids: list[str]) -> list[str]:
        if len(set(ids)) < len(ids):
            raise ValueError("lists an id twice")
        return ids


class CustomDomainSettings(Section):
    """The API's own name; its DNS record points to the target that API Gateway shows for it."""

    name: Annotated[str, StringConstraints(pattern=r"^([a-z0-9-]+\.)+[a-z]{2,}$")]
    certificate_arn: Annotated[
        str, StringConstraints(pattern=r"^arn:aws:acm:[a-z0-9-]+:\d{12}:certificate/[a-f0-9-]+$")
    ]


Uuid = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


class CanarySettings(Section):
    """A goal with one action that is kept for `python -m ops verify --canary`, and its owner.

    Both are in the product's database and belong to nobody else: each run replaces their tasks.
    """

    goal_id: Uuid
    user_id: Uuid


class AdoptSettings(Section):
    """What a destroyed stack with `protect` has left, for a stack of the same name to take over.

    The table and the log groups are found by their names. key_id: of the KMS key that encrypts
    them. user_pool_id, client_id: of the stack's own pool and of its client `web`; None if the
    product's pool (`cognito`) is used.
    """

    key_id: Annotated[str, StringConstraints(pattern=r"^(mrk-)?[0-9a-f-]{32,36}$")]
    user_pool_id: UserPoolId | None = None
    client_id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+$")] | None = None

    @model_validator(mode="after")
    def _name_pool_and_client(self) -> Self:
        if (self.user_pool_id is None) != (self.client_id is None):
            raise ValueError(
                f"userPoolId = {self.user_pool_id}, clientId = {self.client_id}: both or neither"
            )
        return self


class ApiThrottleSettings(Section):
    """Requests a second that the HTTP API accepts, over all callers, and in a burst."""

    rate: Positive = 50
    burst: Positive = 100

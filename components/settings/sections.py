"""The groups of settings that the configuration holds as objects."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

STATE_MARGIN_SECONDS = 10
"""A state outlives its function by this much: the function's own time-out is the one seen."""

_BESIDE_TWO_CALLS_SECONDS = 30
"""In one invocation: connecting (5 s, twice), the table's writes (10 s), and as much to spare."""

Positive = Annotated[int, Field(ge=1)]
Percent = Annotated[float, Field(ge=0, le=100)]


class Group(BaseModel):
    """Settings that belong together: camelCase outside, all known, nothing converted."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        extra="forbid",
        frozen=True,
        strict=True,
        hide_input_in_errors=True,
    )


class Retry(Group):
    """How the state machine retries what can pass on its own."""

    interval_seconds: Annotated[int, Field(ge=1, le=59)] = 2
    max_attempts: Annotated[int, Field(ge=0, le=10)] = 3
    backoff_rate: Annotated[float, Field(ge=1, le=5)] = 2.0


class ThrottleRetry(Retry):
    """How it retries where the model throttles: Bedrock's quotas are per minute."""

    interval_seconds: Annotated[int, Field(ge=1, le=59)] = 10
    max_attempts: Annotated[int, Field(ge=0, le=10)] = 5


class Generation(Group):
    """The function task-generation (timeout: seconds, memory: MB)."""

    timeout: Annotated[int, Field(ge=45, le=900)] = 120
    memory: Annotated[int, Field(ge=128, le=10_240)] = 1024
    provisioned_concurrency: Annotated[int, Field(ge=0)] = 0
    reserved_concurrency: Positive | None = None

    @property
    def call_timeout_seconds(self) -> int:
        """Of one model call: two, the answer and its repair, fit into the function's time."""
        return (self.timeout - _BESIDE_TWO_CALLS_SECONDS) // 2

    @property
    def state_timeout_seconds(self) -> int:
        """Time-out of the state that waits for the function."""
        return self.timeout + STATE_MARGIN_SECONDS


class Tracing(Group):
    """X-Ray; a trace costs money and is wanted of some executions, not of all."""

    executions_percent: Percent = 100.0


class Table(Group):
    """The table of executions; capacities count only where billing is provisioned."""

    billing: Literal["onDemand", "provisioned"] = "onDemand"
    read: Positive = 10
    write: Positive = 10
    index_read: Positive = 5
    index_write: Positive = 5
    ttl_days: Positive = 90


class Alarms(Group):
    """Thresholds (rates and shares in percent, times in seconds, the rest counts).

    period: of most alarms; run_period: of rates over executions, of which there are fewer.
    points of periods: a page comes with the first bad period and passes with the last one, so that
        an outage with few users is one message too. A notice needs notice_points (guide: 2).
    escalation: how long an outage stays before it is said again.
    minimum_runs, minimum_failures: what ended, and what ended badly, in a period before a rate of
        it may call anybody.
    partial_rate: executions that lost some action; deadline_rate: those that the deadline cut.
    failed_actions: share of all actions; model_*: shares of the calls of the model.
    timeout_share: a function's p95 against its own time-out.
    account_concurrency: the account's quota of concurrent executions (1000 unless AWS changed it).
    daily_cost: US dollars that the model may cost in 24 hours.
    runbook: where the runbook is, in front of an anchor.
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
    failure_rate: Percent = 10
    timeout_rate: Percent = 5
    partial_rate: Percent = 95
    deadline_rate: Percent = 5
    failed_actions: Percent = 10
    execution_time: Positive = 600
    reconcile_lag: Positive = 360
    model_failure_rate: Percent = 50
    model_throttle_rate: Percent = 50
    daily_cost: Annotated[float, Field(gt=0)] = 10
    lambda_error_rate: Percent = 5
    lambda_duration: Positive = 30
    timeout_share: Percent = 80
    throttles: Annotated[int, Field(ge=0)] = 0
    concurrency: Percent = 80
    account_concurrency: Positive = 1000
    dynamo_capacity: Percent = 80
    user_errors: Annotated[int, Field(ge=0)] = 0
    system_errors: Annotated[int, Field(ge=0)] = 0
    api_error_rate: Percent = 5
    dead_letters: Annotated[int, Field(ge=0)] = 0
    runbook: Annotated[str, StringConstraints(pattern=r"^[^\s#]+$")] = "docs/runbook.md"


class Slack(Group):
    """What Slack is told, and how.

    endings: the statuses of executions that are told; successes are quiet unless asked for.
    escalate_percent: from this share of an execution's actions that failed on, it is an escalation.
    mention: whom an escalation calls: here, channel, or the id of a user or user group; or nobody.
    """

    language: Literal["ja", "en"] = "ja"
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
        """The mention as Slack writes it; empty for nobody."""
        match self.mention:
            case None:
                return ""
            case "here" | "channel":
                return f"<!{self.mention}>"
            case group if group.startswith("S"):
                return f"<!subteam^{group}>"
            case user:
                return f"<@{user}>"


class Cognito(Group):
    """The product's user pool."""

    user_pool_id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+_[A-Za-z0-9]+$")]
    client_ids: Annotated[list[str], Field(min_length=1)]


class Vpc(Group):
    """Where the functions that talk to PostgreSQL live."""

    subnet_ids: Annotated[list[str], Field(min_length=1)]
    security_group_ids: Annotated[list[str], Field(min_length=1)]


class CustomDomain(Group):
    """The API's own name; its DNS record points to what API Gateway shows for the domain."""

    name: Annotated[str, StringConstraints(pattern=r"^([a-z0-9-]+\.)+[a-z]{2,}$")]
    certificate_arn: Annotated[
        str, StringConstraints(pattern=r"^arn:aws:acm:[a-z0-9-]+:\d{12}:certificate/[a-f0-9-]+$")
    ]


class ApiThrottle(Group):
    """What the HTTP API lets through, over all callers."""

    rate: Positive = 50
    burst: Positive = 100

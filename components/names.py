"""Every name that the program chooses, and every ARN that follows from one, before it exists."""

from dataclasses import dataclass

from components.arns import Arn
from handlers.contract.archive import ARCHIVE_PREFIX
from handlers.contract.functions import FUNCTIONS, FunctionSpec

MAX_NAME_CHARACTERS = 64
"""Lambda's and IAM's limit for the names of functions and roles (AWS: quotas of both services)."""

ALIAS = "live"
"""The alias of every function and of the state machine."""

DATABASE_URL = "database-url"
JWT_SECRET = "jwt-secret"  # noqa: S105 - a name
SLACK_WEBHOOK = "slack-webhook"
"""The names of the secrets in Secrets Manager, after the prefix."""


class NameTooLongError(ValueError):
    """A computed name is longer than AWS takes."""


@dataclass(frozen=True)
class Names:
    """Names and ARNs of one stack.

    environment: the stack's name (local, dev, staging, prod).
    account, region: where the stack lives.
    """

    environment: str
    account: str
    region: str

    @property
    def prefix(self) -> str:
        """The beginning of most names."""
        return f"goal-mandala-{self.environment}"

    @property
    def tags(self) -> dict[str, str]:
        """The tags of everything in the stack (`aws:defaultTags`)."""
        return {"Project": "goal-mandala", "Environment": self.environment}

    def function(self, spec: FunctionSpec) -> str:
        """Physical name of a function."""
        return _checked(f"{self.prefix}-{spec.name}")

    def function_arn(self, spec: FunctionSpec) -> str:
        """ARN of a function, unqualified."""
        return self.arn(Arn.FUNCTION, self.function(spec))

    def function_alias_arn(self, spec: FunctionSpec) -> str:
        """ARN of a function's alias: what callers invoke."""
        return f"{self.function_arn(spec)}:{ALIAS}"

    def function_version_arns(self, spec: FunctionSpec) -> str:
        """All versions and aliases of a function; Lambda chooses the versions' numbers."""
        return f"{self.function_arn(spec)}:*"

    def function_role(self, spec: FunctionSpec) -> str:
        """Name of a function's execution role."""
        return _checked(f"{self.function(spec)}-role")

    def function_log_group(self, spec: FunctionSpec) -> str:
        """Log group of a function."""
        return f"/aws/lambda/{self.function(spec)}"

    @property
    def state_machine(self) -> str:
        """Name of the state machine."""
        return _checked(f"TaskGenerationWorkflow-{self.environment}")

    @property
    def state_machine_arn(self) -> str:
        """ARN of the state machine, unqualified."""
        return self.arn(Arn.STATE_MACHINE, self.state_machine)

    @property
    def state_machine_alias_arn(self) -> str:
        """ARN of the alias: what StartExecution names."""
        return f"{self.state_machine_arn}:{ALIAS}"

    @property
    def execution_arns(self) -> str:
        """All executions of the machine; their names are execution ids, made at run time."""
        return self.arn(Arn.EXECUTION, f"{self.state_machine}:*")

    @property
    def state_machine_role(self) -> str:
        """Name of the state machine's role."""
        return _checked(f"{self.prefix}-state-machine-role")

    def operator_role(self, kind: str) -> str:
        """Name of a role of the people who operate the stack: `look` or `act`."""
        return _checked(f"{self.prefix}-operator-{kind}")

    @property
    def boundary(self) -> str:
        """Name of the policy that bounds the stack's roles where CI deploys them (deployment/).

        Outside the stack's own prefix, so that CI cannot change it.
        """
        return f"goal-mandala-ci-{self.environment}-boundary"

    @property
    def boundary_arn(self) -> str:
        """ARN of that policy."""
        return self.arn(Arn.POLICY, self.boundary)

    @property
    def operators_boundary(self) -> str:
        """Name of the policy that bounds the operators' roles there."""
        return f"goal-mandala-ci-{self.environment}-operators-boundary"

    @property
    def operators_boundary_arn(self) -> str:
        """ARN of that policy."""
        return self.arn(Arn.POLICY, self.operators_boundary)

    @property
    def boundary_arns(self) -> list[str]:
        """ARNs of both boundaries."""
        return [self.boundary_arn, self.operators_boundary_arn]

    @property
    def ci_reads(self) -> str:
        """Name of the managed policy by which both of CI's roles read the stack.

        Outside the stack's own prefix, so that CI cannot change it.
        """
        return f"goal-mandala-ci-{self.environment}-reads"

    @property
    def ci_reads_arn(self) -> str:
        """ARN of that policy."""
        return self.arn(Arn.POLICY, self.ci_reads)

    @property
    def state_machine_log_group(self) -> str:
        """Log group of the state machine."""
        return f"/aws/states/{self.state_machine}"

    @property
    def api(self) -> str:
        """Name of the HTTP API."""
        return f"{self.prefix}-workflow-api"

    @property
    def api_log_group(self) -> str:
        """Access log of the HTTP API."""
        return f"/aws/apigateway/{self.api}"

    @property
    def log_groups(self) -> list[str]:
        """Every log group of the stack."""
        functions = [self.function_log_group(spec) for spec in FUNCTIONS]
        return [*functions, self.state_machine_log_group, self.api_log_group]

    @property
    def table(self) -> str:
        """Name of the table of executions."""
        return f"WorkflowExecution-{self.environment}"

    @property
    def table_arn(self) -> str:
        """ARN of the table of executions."""
        return self.arn(Arn.TABLE, self.table)

    def index_arn(self, index: str) -> str:
        """ARN of an index of that table."""
        return f"{self.table_arn}/index/{index}"

    @property
    def table_backups(self) -> str:
        """ARNs of the table's backups; DynamoDB makes up their ids."""
        return f"{self.table_arn}/backup/*"

    @property
    def restored_tables(self) -> str:
        """ARNs of the tables that operators restore; a time or a backup's id ends their names."""
        return f"{self.table_arn}-restored-*"

    @property
    def backup_vault(self) -> str:
        """Vault of the table's backups."""
        return f"{self.prefix}-backups"

    @property
    def backup_vault_arn(self) -> str:
        """ARN of that vault."""
        return self.arn(Arn.BACKUP_VAULT, self.backup_vault)

    @property
    def backup_plan(self) -> str:
        """Plan by which the backups are made."""
        return f"{self.prefix}-backups"

    @property
    def backup_selection(self) -> str:
        """What that plan backs up."""
        return f"{self.prefix}-table"

    @property
    def backup_role(self) -> str:
        """Role that AWS Backup assumes."""
        return _checked(f"{self.prefix}-backup-role")

    @property
    def archive_bucket(self) -> str:
        """Name of the bucket of archived executions; bucket names are unique over all accounts."""
        return f"{self.prefix}-archive-{self.account}-{self.region}"

    @property
    def archived_objects(self) -> str:
        """The objects of archived executions; their keys hold ids made at run time."""
        return self.arn(Arn.BUCKET, f"{self.archive_bucket}/{ARCHIVE_PREFIX}*")

    @property
    def archive_arns(self) -> list[str]:
        """ARNs of the bucket and of all its objects."""
        bucket = self.arn(Arn.BUCKET, self.archive_bucket)
        return [bucket, f"{bucket}/*"]

    @property
    def archive_rule(self) -> str:
        """Rule that has executions archived."""
        return _checked(f"{self.prefix}-archive")

    @property
    def archive_dead_letter_queue(self) -> str:
        """Queue for runs of workflow-archive that failed after all retries."""
        return f"{self.prefix}-archive-dead-letters"

    @property
    def key_alias(self) -> str:
        """Alias of the customer key."""
        return f"alias/{self.prefix}-workflow"

    @property
    def key_arns(self) -> str:
        """The keys of the account; a condition on the alias narrows them to the stack's."""
        return self.arn(Arn.KEY, "*")

    @property
    def alerts_topic(self) -> str:
        """Name of the topic for operators' alarms."""
        return f"workflow-alerts-{self.environment}"

    @property
    def notifications_topic(self) -> str:
        """Name of the topic for the endings of executions."""
        return f"workflow-notifications-{self.environment}"

    def topic_arn(self, topic: str) -> str:
        """ARN of a topic."""
        return self.arn(Arn.TOPIC, topic)

    @property
    def topic_arns(self) -> list[str]:
        """ARNs of both topics."""
        return [self.topic_arn(self.alerts_topic), self.topic_arn(self.notifications_topic)]

    @property
    def ended_rule(self) -> str:
        """Rule for executions that ended without Finish."""
        return _checked(f"{self.prefix}-execution-ended")

    @property
    def sweep_rule(self) -> str:
        """Rule of the regular sweep."""
        return _checked(f"{self.prefix}-reconcile-sweep")

    def rule_arn(self, rule: str) -> str:
        """ARN of a rule on the default event bus."""
        return self.arn(Arn.RULE, rule)

    @property
    def rule_arns(self) -> list[str]:
        """ARNs of both rules."""
        return [self.rule_arn(self.ended_rule), self.rule_arn(self.sweep_rule)]

    @property
    def dead_letter_queue(self) -> str:
        """Queue for events that did not reach workflow-reconcile, or that it could not handle."""
        return f"{self.prefix}-reconcile-dead-letters"

    @property
    def queues(self) -> tuple[str, ...]:
        """Names of all queues of the stack."""
        return (
            self.archive_dead_letter_queue,
            self.dead_letter_queue,
            self.slack_queue,
            self.slack_dead_letter_queue,
        )

    @property
    def slack_queue(self) -> str:
        """Queue of messages for Slack: both topics feed it, slack-notifier reads it."""
        return f"{self.prefix}-slack"

    @property
    def slack_dead_letter_queue(self) -> str:
        """Queue for messages that Slack refused or that slack-notifier could not read."""
        return f"{self.prefix}-slack-dead-letters"

    def queue_arn(self, queue: str) -> str:
        """ARN of a queue."""
        return self.arn(Arn.QUEUE, queue)

    def queue_url(self, queue: str) -> str:
        """URL of a queue (Amazon SQS Developer Guide: queue and message identifiers)."""
        return f"https://sqs.{self.region}.amazonaws.com/{self.account}/{queue}"

    def secret(self, name: str) -> str:
        """Name of a secret."""
        return f"{self.prefix}-{name}"

    def secret_arns(self, name: str) -> str:
        """The secret's ARN; Secrets Manager appends six characters."""
        return self.arn(Arn.SECRET, f"{self.secret(name)}-??????")

    def log_group_arn(self, log_group: str) -> str:
        """ARN of a log group in the form of KMS's encryption context."""
        return self.arn(Arn.LOG_GROUP, log_group)

    @property
    def alarm_arns(self) -> str:
        """The alarms of this stack."""
        return self.arn(Arn.ALARM, f"{self.prefix}-*")

    def alarm_arn(self, alarm: str) -> str:
        """ARN of an alarm."""
        return self.arn(Arn.ALARM, alarm)

    @property
    def dashboard(self) -> str:
        """Name of the dashboard."""
        return f"{self.prefix}-workflow"

    @property
    def dashboard_url(self) -> str:
        """Where the dashboard is in the console."""
        console = f"https://{self.region}.console.aws.amazon.com/cloudwatch/home"
        return f"{console}?region={self.region}#dashboards/dashboard/{self.dashboard}"

    def arn(self, kind: Arn, name: str = "") -> str:
        """ARN of any resource in the stack's account and region."""
        return kind.of(self.region, self.account, name)


def _checked(name: str) -> str:
    if len(name) > MAX_NAME_CHARACTERS:
        raise NameTooLongError(
            f"{name} has {len(name)} characters, AWS allows {MAX_NAME_CHARACTERS}:"
            " shorten the stack's name"
        )
    return name

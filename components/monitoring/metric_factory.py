"""The one metric factory: it makes every metric that an alarm watches or a widget draws."""

from dataclasses import dataclass
from typing import Literal

from components.names import Names
from handlers.contract.functions import FunctionSpec
from handlers.contract.metric_names import NAMESPACE, SECOND_DIMENSION, Dimension, MetricName

Statistic = Literal[
    "Sum", "Average", "Maximum", "Minimum", "SampleCount", "p50", "p90", "p95", "p99"
]

API_ID = "(api id)"
"""Stands for the API's id, the one dimension whose value AWS generates."""


@dataclass(frozen=True)
class MetricStat:
    """One metric under one statistic.

    dimensions: name -> value, in the order in which AWS documents them.
    """

    namespace: str
    name: str
    statistic: Statistic
    dimensions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class MetricFactory:
    """The metrics of one stack, by the service that sends them."""

    names: Names

    def own(
        self, metric: MetricName, statistic: Statistic = "Sum", *, only: str | None = None
    ) -> MetricStat:
        """A metric of our handlers (EMF); `only`: one value of its second dimension."""
        dimensions = [(Dimension.ENVIRONMENT.value, self.names.environment)]
        if only:
            dimensions.append((SECOND_DIMENSION[metric].value, str(only)))
        return MetricStat(NAMESPACE, metric.value, statistic, tuple(dimensions))

    def states(self, name: str, statistic: Statistic = "Sum") -> MetricStat:
        """Of the state machine, all its versions (Step Functions Developer Guide: metrics)."""
        machine = ("StateMachineArn", self.names.state_machine_arn)
        return MetricStat("AWS/States", name, statistic, (machine,))

    def function(self, spec: FunctionSpec, name: str, statistic: Statistic = "Sum") -> MetricStat:
        """Of a function, all its versions together: only one alias is called."""
        function = ("FunctionName", self.names.function(spec))
        return MetricStat("AWS/Lambda", name, statistic, (function,))

    def account_concurrency(self) -> MetricStat:
        """Concurrent executions of all functions of the account: they share one quota."""
        return MetricStat("AWS/Lambda", "ConcurrentExecutions", "Maximum")

    def table(
        self, name: str, *, index: str | None = None, operation: str | None = None
    ) -> MetricStat:
        """Of the table, one of its indexes, or one kind of request (always a sum)."""
        dimensions = [("TableName", self.names.table)]
        if index:
            dimensions.append(("GlobalSecondaryIndexName", index))
        if operation:
            dimensions.append(("Operation", operation))
        return MetricStat("AWS/DynamoDB", name, "Sum", tuple(dimensions))

    def account_user_errors(self) -> MetricStat:
        """Requests that DynamoDB refused, of all tables: AWS counts them only together."""
        return MetricStat("AWS/DynamoDB", "UserErrors", "Sum")

    def queue(self, queue: str, name: str, statistic: Statistic = "Maximum") -> MetricStat:
        """Of a queue."""
        return MetricStat("AWS/SQS", name, statistic, (("QueueName", queue),))

    def backup_jobs(self, end: str) -> MetricStat:
        """Jobs of the vault that ended so (AWS Backup Developer Guide: CloudWatch metrics)."""
        vault = ("BackupVaultName", self.names.backup_vault)
        return MetricStat("AWS/Backup", f"NumberOfBackupJobs{end}", "Sum", (vault,))

    def topic(self, topic: str, name: str, statistic: Statistic = "Sum") -> MetricStat:
        """Of a topic."""
        return MetricStat("AWS/SNS", name, statistic, (("TopicName", topic),))

    def api(self, name: str, statistic: Statistic = "Sum") -> MetricStat:
        """Of the HTTP API (API Gateway Developer Guide: metrics of HTTP APIs)."""
        return MetricStat("AWS/ApiGateway", name, statistic, (("ApiId", API_ID),))

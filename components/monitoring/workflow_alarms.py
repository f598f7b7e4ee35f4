"""The alarms as resources."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.monitoring.alarm_factory import Alarm
from components.monitoring.composites import Composite
from components.monitoring.metric_factory import API_ID, MetricStat
from components.monitoring.monitoring import Monitoring
from handlers.contract.alarm_routes import AlarmRoute


@dataclass(frozen=True)
class WorkflowAlarmsArgs:
    """What differs between stacks.

    api_id: of the HTTP API, a dimension of its metrics.
    after: what an alarm watches, and what its messages need: the policies of topics and key.
    """

    monitoring: Monitoring
    api_id: pulumi.Input[str]
    after: Sequence[pulumi.Resource]


class WorkflowAlarms(pulumi.ComponentResource):
    """Metric alarms, nearly all without actions, and the composites that send the messages."""

    alarms: dict[str, aws.cloudwatch.MetricAlarm]
    composites: dict[str, aws.cloudwatch.CompositeAlarm]

    def __init__(
        self,
        name: str,
        args: WorkflowAlarmsArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("goalmandala:workflow:WorkflowAlarms", name, None, opts)
        self._name = name
        self._args = args
        self._names = args.monitoring.names
        self.alarms = {alarm.name: self._alarm(alarm) for alarm in args.monitoring.alarms}
        self.composites = {}
        for composite in args.monitoring.composites:
            self.composites[composite.name] = self._composite(composite)
        self.register_outputs({"alarmNames": [*self.alarms, *self.composites]})

    def _alarm(self, alarm: Alarm) -> aws.cloudwatch.MetricAlarm:
        acts = alarm.route is AlarmRoute.SELF
        return aws.cloudwatch.MetricAlarm(
            f"{self._name}-{alarm.name.removeprefix(f'{self._names.prefix}-')}",
            name=alarm.name,
            alarm_description=str(alarm.description),
            comparison_operator="GreaterThanThreshold",
            threshold=alarm.threshold,
            evaluation_periods=alarm.evaluation.periods,
            datapoints_to_alarm=alarm.evaluation.points,
            treat_missing_data=alarm.missing,
            metric_queries=[self._query(id_, query, alarm) for id_, query in alarm.queries.items()],
            alarm_actions=[self._names.topic_arn(self._names.alerts_topic)] if acts else None,
            opts=pulumi.ResourceOptions(parent=self, depends_on=self._args.after),
        )

    def _query(
        self, id_: str, query: MetricStat | str, alarm: Alarm
    ) -> aws.cloudwatch.MetricAlarmMetricQueryArgs:
        returned = id_ == alarm.compared
        if isinstance(query, str):
            return aws.cloudwatch.MetricAlarmMetricQueryArgs(
                id=id_, expression=query, label=id_, return_data=returned
            )
        return aws.cloudwatch.MetricAlarmMetricQueryArgs(
            id=id_,
            metric=aws.cloudwatch.MetricAlarmMetricQueryMetricArgs(
                namespace=query.namespace,
                metric_name=query.name,
                dimensions={
                    name: self._args.api_id if value == API_ID else value
                    for name, value in query.dimensions
                },
                stat=query.statistic,
                period=alarm.evaluation.period,
            ),
            return_data=returned,
        )

    def _composite(self, composite: Composite) -> aws.cloudwatch.CompositeAlarm:
        # CloudWatch refuses a rule over alarms that do not exist yet.
        children = [*self.alarms.values(), *self.composites.values()]
        ok_topic = composite.ok_topic
        return aws.cloudwatch.CompositeAlarm(
            f"{self._name}-{composite.route}",
            alarm_name=composite.name,
            alarm_description=str(composite.description),
            alarm_rule=composite.rule,
            alarm_actions=[self._names.topic_arn(composite.alarm_topic)],
            ok_actions=[self._names.topic_arn(ok_topic)] if ok_topic else None,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*self._args.after, *children]),
        )

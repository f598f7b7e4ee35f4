"""The alarms as resources; what they are is data in `components/monitoring/alarms.py`."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.monitoring.alarm_factory import Alarm, CompositeAlarm
from components.monitoring.alarms import alarms, composite_alarms
from components.monitoring.metric_factory import API_ID, MetricStat
from components.names import Names
from components.settings import Settings
from handlers.contract.alarm_routes import AlarmRoute


@dataclass(frozen=True)
class WorkflowAlarmsArgs:
    """What differs between stacks.

    api_id: of the HTTP API, a dimension of its metrics.
    after: what an alarm needs to be heard, the policies of the topics and of their key; and what
        it watches.
    """

    names: Names
    settings: Settings
    api_id: pulumi.Input[str]
    after: Sequence[pulumi.Resource]


class WorkflowAlarms(pulumi.ComponentResource):
    """Metric alarms, nearly all of them silent, and the composites that speak for them."""

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
        self.alarms = {each.name: self._alarm(each) for each in alarms(args.names, args.settings)}
        self.composites = {}
        for each in composite_alarms(args.names, args.settings):
            self.composites[each.name] = self._composite(each)
        self.register_outputs({"alarmNames": [*self.alarms, *self.composites]})

    def _alarm(self, alarm: Alarm) -> aws.cloudwatch.MetricAlarm:
        return aws.cloudwatch.MetricAlarm(
            f"{self._name}-{self._short(alarm.name)}",
            name=alarm.name,
            alarm_description=alarm.words.description(self._runbook, alarm.anchor),
            comparison_operator=alarm.comparison,
            threshold=alarm.threshold,
            evaluation_periods=alarm.periods,
            datapoints_to_alarm=alarm.points,
            treat_missing_data=alarm.missing,
            metric_queries=[self._query(id_, query, alarm) for id_, query in alarm.queries.items()],
            alarm_actions=self._topic(self._args.names.alerts_topic)
            if alarm.alarm_route is AlarmRoute.SELF
            else None,
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
                period=alarm.period,
            ),
            return_data=returned,
        )

    def _composite(self, composite: CompositeAlarm) -> aws.cloudwatch.CompositeAlarm:
        # CloudWatch refuses a rule over alarms that are not there yet.
        children = [*self.alarms.values(), *self.composites.values()]
        return aws.cloudwatch.CompositeAlarm(
            f"{self._name}-{composite.key}",
            alarm_name=composite.name,
            alarm_description=composite.words.description(self._runbook, composite.key),
            alarm_rule=composite.rule,
            alarm_actions=self._topic(composite.alarm_topic),
            ok_actions=self._topic(composite.ok_topic) if composite.ok_topic else None,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*self._args.after, *children]),
        )

    @property
    def _runbook(self) -> str:
        return self._args.settings.alarms.runbook

    def _topic(self, topic: str) -> list[str]:
        return [self._args.names.topic_arn(topic)]

    def _short(self, alarm_name: str) -> str:
        return alarm_name.removeprefix(f"{self._args.names.prefix}-")

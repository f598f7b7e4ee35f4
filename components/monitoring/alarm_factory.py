"""What an alarm is, and the factory that makes every alarm of a stack in the usual way.

An alarm is data: the program declares it, a document lists it and a test evaluates it. The shape is
that of cdk-monitoring-constructs: one metric factory, one alarm factory, one file a resource.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from components.monitoring.metric_factory import MetricStat
from components.settings.sections import AlarmSettings
from handlers.contract.alarm_routes import AlarmDescription, AlarmRoute, metric_alarm_name
from handlers.contract.languages import BilingualText

Queries = Mapping[str, MetricStat | str]
"""Id -> a metric, or an expression over ids before it; an alarm compares the last one."""

MissingData = Literal["notBreaching", "breaching", "ignore"]
"""CloudWatch's treatment of missing data; `ignore` keeps the alarm's state."""

MINUTE, HOUR, DAY = 60, 3600, 86_400


@dataclass(frozen=True)
class Evaluation:
    """Over which time an alarm judges: M of N (CloudWatch's "datapoints to alarm").

    The alarm fires if at least `points` of the last `periods` periods of `period` seconds breach
    the threshold. CloudWatch judges every minute, over periods that end with that minute.

    An example: 1 of 2 periods of 900 s. At 10:30 the periods are 10:00-10:15 and 10:15-10:30; one
    breach is enough. At 10:31 they are 10:01-10:16 and 10:16-10:31. So the alarm fires a minute
    after the first bad quarter of an hour, and is over when neither quarter is bad any more. With
    2 of 2 it would fire only if both are bad.
    """

    period: int
    points: int = 1
    periods: int = 1


SUSTAINED_MINUTES = 5
SUSTAINED = Evaluation(MINUTE, SUSTAINED_MINUTES, 15)
"""Five minutes of the last fifteen: what passes in a minute or two is not worth a call."""


@dataclass(frozen=True)
class Alarm:
    """One metric alarm: it fires where the last query is greater than the threshold.

    key: what it watches: the name without the stack's prefix.
    unit: of threshold and value, for people.
    missing: what a period without data counts as.
    once_ok: name of an alarm of the route CONDITION: composites count this alarm only while that
        one is OK.
    """

    name: str
    key: str
    route: AlarmRoute
    description: AlarmDescription
    queries: Queries
    threshold: float
    unit: str
    evaluation: Evaluation
    missing: MissingData
    once_ok: str | None = None

    @property
    def in_rules(self) -> str:
        """The alarm in the rule of a composite."""
        firing = f'ALARM("{self.name}")'
        return f'({firing} AND OK("{self.once_ok}"))' if self.once_ok else firing

    @property
    def compared(self) -> str:
        """Id of the query whose value is compared."""
        return list(self.queries)[-1]

    @property
    def metrics(self) -> tuple[MetricStat, ...]:
        """The metrics that it reads; each is paid for."""
        return tuple(query for query in self.queries.values() if isinstance(query, MetricStat))


@dataclass(frozen=True)
class AlarmFactory:
    """Makes alarms with the usual evaluation, where they name none of their own.

    prefix: of every name: the stack's.
    """

    prefix: str
    settings: AlarmSettings

    def alarm(
        self,
        key: str,
        text: BilingualText,
        queries: Queries,
        threshold: float,
        *,
        route: AlarmRoute = AlarmRoute.OUTAGE,
        unit: str = "%",
        evaluation: Evaluation | None = None,
        anchor: str | None = None,
        missing: MissingData = "notBreaching",
        once_ok: str | None = None,
    ) -> Alarm:
        """One alarm; `anchor`: of the runbook's section, where it is not the key."""
        return Alarm(
            name=metric_alarm_name(self.prefix, key),
            key=key,
            route=route,
            description=self.description(text, anchor or key),
            queries=queries,
            threshold=threshold,
            unit=unit,
            evaluation=evaluation or self._usual(route),
            missing=missing,
            once_ok=once_ok,
        )

    def description(self, text: BilingualText, anchor: str) -> AlarmDescription:
        """An alarm's description, with the stack's runbook."""
        return AlarmDescription(text, self.settings.runbook, anchor)

    def over_executions(self, periods: int) -> Evaluation:
        """For rates over executions, of which there are few: longer periods than usual."""
        return Evaluation(self.settings.run_period, min(self.settings.points, periods), periods)

    def first_occurrence(self) -> Evaluation:
        """For a notice of something that may not happen at all."""
        return Evaluation(self.settings.period, 1, self.settings.notice_periods)

    def escalation(self, alarm: Alarm) -> Alarm:
        """The same condition over a longer time, and once more: the outage lasts.

        Long periods, rather than most of many short ones: a rate over them does not flicker where
        executions are few. Silence needs no second period. Its composite waits for the outage, so
        it needs no condition of its own.
        """
        periods = 1 if alarm.missing == "breaching" else 2
        return replace(
            alarm,
            name=metric_alarm_name(self.prefix, f"{alarm.key}-stays"),
            route=AlarmRoute.ESCALATION,
            evaluation=Evaluation(self.settings.escalation, periods, periods),
            once_ok=None,
        )

    def _usual(self, route: AlarmRoute) -> Evaluation:
        settings = self.settings
        if route is AlarmRoute.NOTICES:
            return Evaluation(settings.period, settings.notice_points, settings.notice_periods)
        return Evaluation(settings.period, settings.points, settings.periods)

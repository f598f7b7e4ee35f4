"""What an alarm is: data that a component declares, a document lists and a test evaluates."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

from components.monitoring.metric_factory import MetricStat
from components.settings.sections import Alarms
from handlers.contract.alarm_routes import AlarmRoute

Comparison = Literal["GreaterThanThreshold", "GreaterThanOrEqualToThreshold", "LessThanThreshold"]
Missing = Literal["notBreaching", "breaching", "ignore", "missing"]


class Service(StrEnum):
    """What an alarm is about."""

    WORKFLOW = "workflow"
    MODEL = "model"
    FUNCTIONS = "functions"
    TABLE = "table"
    API = "api"
    NOTIFICATIONS = "notifications"


@dataclass(frozen=True)
class Words:
    """What happened and what to do, in both languages of the operators."""

    en: str
    ja: str

    def description(self, runbook: str, anchor: str) -> str:
        """An alarm's description: both languages, and where more is written."""
        return f"{self.ja}\n{self.en}\n{runbook}#{anchor}"


@dataclass(frozen=True)
class Alarm:
    """One metric alarm. It fires when `points` of the last `periods` periods breach.

    name: physical name. key: what it watches, the name without the stack's prefix.
    anchor: of its section in the runbook.
    queries: id -> a metric, or an expression over ids before it; the last one is compared.
    period: seconds.
    unit: of threshold and value, for people.
    """

    name: str
    key: str
    anchor: str
    service: Service
    alarm_route: AlarmRoute
    words: Words
    queries: Mapping[str, MetricStat | str]
    threshold: float
    unit: str
    period: int
    points: int = 1
    periods: int = 1
    comparison: Comparison = "GreaterThanThreshold"
    missing: Missing = "notBreaching"

    @property
    def compared(self) -> str:
        """Id of the query whose value is compared."""
        return list(self.queries)[-1]

    @property
    def metrics(self) -> tuple[MetricStat, ...]:
        """The metrics that it reads; each is paid for."""
        return tuple(query for query in self.queries.values() if isinstance(query, MetricStat))

    def staying(self, seconds: int) -> "Alarm":
        """The same condition over a longer time, and then again: what an escalation is made of.

        Long periods, rather than most of many short ones: a rate over them does not flicker where
        executions are few. Silence needs no second one.
        """
        periods = 1 if self.missing == "breaching" else 2
        return replace(
            self,
            name=f"{self.name}-stays",
            alarm_route=AlarmRoute.ESCALATION,
            period=seconds,
            points=periods,
            periods=periods,
        )


@dataclass(frozen=True)
class CompositeAlarm:
    """One composite alarm: the only kind that sends messages, but for alarms of alarm_route SELF.

    rule: CloudWatch's rule expression, over names of alarms of this stack.
    alarm_topic, ok_topic: names of the topics that are told, None for nobody.
    """

    name: str
    key: str
    words: Words
    rule: str
    alarm_topic: str
    ok_topic: str | None


def alarm(
    prefix: str,
    key: str,
    words: Words,
    queries: Mapping[str, MetricStat | str],
    threshold: float,
    *,
    settings: Alarms,
    service: Service,
    alarm_route: AlarmRoute = AlarmRoute.OUTAGE,
    unit: str = "%",
    period: int | None = None,
    points: int | None = None,
    periods: int | None = None,
    anchor: str | None = None,
    missing: Missing = "notBreaching",
) -> Alarm:
    """An alarm with the usual period, points and periods, where it names none of its own."""
    usual = (
        (settings.notice_points, settings.notice_periods)
        if alarm_route is AlarmRoute.NOTICES
        else (settings.points, settings.periods)
    )
    return Alarm(
        name=f"{prefix}-{key}",
        key=key,
        anchor=anchor or key,
        service=service,
        alarm_route=alarm_route,
        words=words,
        queries=queries,
        threshold=threshold,
        unit=unit,
        period=period or settings.period,
        points=points or usual[0],
        periods=periods or usual[1],
        missing=missing,
    )

"""Every alarm of a stack, and the few that speak for the others: one outage, one message."""

from collections.abc import Iterable

from components.monitoring.alarm_factory import Alarm, CompositeAlarm, Words
from components.monitoring.functions import function_alarms
from components.monitoring.metric_factory import MetricFactory
from components.monitoring.model import model_alarms
from components.monitoring.resources import api_alarms, notification_alarms, table_alarms
from components.monitoring.workflow import workflow_alarms
from components.names import Names
from components.settings import Settings
from handlers.contract.alarm_routes import AlarmRoute

_STAYING = (
    "workflow-reconcile-silent",
    "model-failure-rate-high",
    "model-throttles-high",
    "api-error-rate-high",
)
"""What an outage shows for as long as it lasts, whatever its cause and however few its users."""


def alarms(names: Names, settings: Settings) -> tuple[Alarm, ...]:
    """All metric alarms; none but those of alarm_route SELF act themselves."""
    metrics, thresholds = MetricFactory(names), settings.alarms
    found = [
        *workflow_alarms(metrics, thresholds, settings.workflow_timeout),
        *model_alarms(metrics, thresholds),
        *function_alarms(metrics, thresholds, settings.generation),
        *table_alarms(metrics, thresholds, settings.table),
        *api_alarms(metrics, thresholds),
        *notification_alarms(metrics, thresholds),
    ]
    staying = [each.staying(thresholds.escalation) for each in found if each.key in _STAYING]
    return (*found, *staying)


def composite_alarms(names: Names, settings: Settings) -> tuple[CompositeAlarm, ...]:
    """All composites, each after those that its rule names."""
    every = alarms(names, settings)
    outage = f"{names.prefix}-{AlarmRoute.OUTAGE}"
    return (
        CompositeAlarm(
            name=outage,
            key=AlarmRoute.OUTAGE,
            words=Words(
                "Users do not get what they ask for. See which alarms are on, act by the runbook.",
                "利用者が結果を得られていません。発報中のアラームを確認し、手順書に従ってください。",
            ),
            rule=_any(every, AlarmRoute.OUTAGE),
            alarm_topic=names.alerts_topic,
            ok_topic=names.alerts_topic,
        ),
        CompositeAlarm(
            name=f"{names.prefix}-{AlarmRoute.ESCALATION}",
            key=AlarmRoute.ESCALATION,
            words=Words(
                "The outage stays. Call whoever can decide: roll back, or tell the users.",
                "障害が継続しています。ロールバックや利用者への告知を判断できる人を呼んでください。",
            ),
            # its long periods are still bad for a while after the outage is over
            rule=f'({_any(every, AlarmRoute.ESCALATION)}) AND ALARM("{outage}")',
            alarm_topic=names.alerts_topic,
            ok_topic=None,
        ),
        CompositeAlarm(
            name=f"{names.prefix}-{AlarmRoute.UNDELIVERED}",
            key=AlarmRoute.UNDELIVERED,
            words=Words(
                "Events or messages wait for a person. See which queue, mend the cause, redrive.",
                "処理待ちのイベントかメッセージがあります。原因を解消し、再処理してください。",
            ),
            rule=_any(every, AlarmRoute.UNDELIVERED),
            alarm_topic=names.alerts_topic,
            ok_topic=None,
        ),
        CompositeAlarm(
            name=f"{names.prefix}-{AlarmRoute.NOTICES}",
            key=AlarmRoute.NOTICES,
            words=Words(
                "Something is worth a look in office hours; nobody needs to be called.",
                "勤務時間内に確認してください。呼び出しは不要です。",
            ),
            # an outage shows in many of them: it has been told already
            rule=f'({_any(every, AlarmRoute.NOTICES)}) AND NOT ALARM("{outage}")',
            alarm_topic=names.notifications_topic,
            ok_topic=None,
        ),
        CompositeAlarm(
            name=f"{names.prefix}-{AlarmRoute.CHORES}",
            key=AlarmRoute.CHORES,
            words=Words(
                "Something is left to tidy up; nobody needs to be called.",
                "片付けるものが残っています。呼び出しは不要です。",
            ),
            rule=f'({_any(every, AlarmRoute.CHORES)}) AND NOT ALARM("{outage}")',
            alarm_topic=names.notifications_topic,
            ok_topic=None,
        ),
    )


def _any(every: Iterable[Alarm], alarm_route: AlarmRoute) -> str:
    return " OR ".join(f'ALARM("{each.name}")' for each in every if each.alarm_route is alarm_route)

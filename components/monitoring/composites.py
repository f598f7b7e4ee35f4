"""The composite alarms: one outage sends one message, whatever the number of alarms that fire."""

from collections.abc import Iterable
from dataclasses import dataclass

from components.monitoring.alarm_factory import Alarm, AlarmFactory
from components.names import Names
from handlers.contract.alarm_routes import AlarmDescription, AlarmRoute, composite_name
from handlers.contract.languages import BilingualText


@dataclass(frozen=True)
class Composite:
    """One composite alarm: the only kind that sends messages, except alarms of the route SELF.

    rule: CloudWatch's rule expression, over names of alarms of this stack.
    alarm_topic, ok_topic: names of the topics that get its messages; None: none is sent.
    """

    name: str
    route: AlarmRoute
    description: AlarmDescription
    rule: str
    alarm_topic: str
    ok_topic: str | None = None


def composite_alarms(
    names: Names, factory: AlarmFactory, alarms: Iterable[Alarm]
) -> tuple[Composite, ...]:
    """All composites, each after those that its rule names."""
    outage = f'ALARM("{composite_name(names.prefix, AlarmRoute.OUTAGE)}")'
    any_of = {
        route: " OR ".join(each.in_rules for each in alarms if each.route is route)
        for route in AlarmRoute
    }

    def composite(
        route: AlarmRoute, text: BilingualText, rule: str, topic: str, ok_topic: str | None = None
    ) -> Composite:
        name = composite_name(names.prefix, route)
        return Composite(name, route, factory.description(text, route), rule, topic, ok_topic)

    return (
        composite(
            AlarmRoute.OUTAGE,
            BilingualText(
                "Users do not get what they ask for. See which alarms are on, act by the runbook.",
                "利用者が結果を得られていません。発報中のアラームを確認し、手順書に従ってください。",
            ),
            any_of[AlarmRoute.OUTAGE],
            names.alerts_topic,
            names.alerts_topic,
        ),
        composite(
            AlarmRoute.ESCALATION,
            BilingualText(
                "The outage stays. Call whoever can decide: roll back, or tell the users.",
                "障害が継続しています。ロールバックや利用者への告知を判断できる人を呼んでください。",
            ),
            # Its long periods are still bad for a while after the outage is over.
            f"({any_of[AlarmRoute.ESCALATION]}) AND {outage}",
            names.alerts_topic,
        ),
        composite(
            AlarmRoute.UNDELIVERED,
            BilingualText(
                "Events or messages wait for a person. See which queue, mend the cause, redrive.",
                "処理待ちのイベントかメッセージがあります。原因を解消し、再処理してください。",
            ),
            any_of[AlarmRoute.UNDELIVERED],
            names.alerts_topic,
        ),
        composite(
            AlarmRoute.NOTICES,
            BilingualText(
                "Something is worth a look in office hours; nobody needs to be called.",
                "勤務時間内に確認してください。呼び出しは不要です。",
            ),
            # An outage fires many of them, and has its own message.
            f"({any_of[AlarmRoute.NOTICES]}) AND NOT {outage}",
            names.notifications_topic,
        ),
        composite(
            AlarmRoute.CHORES,
            BilingualText(
                "Something is left to tidy up; nobody needs to be called.",
                "片付けるものが残っています。呼び出しは不要です。",
            ),
            f"({any_of[AlarmRoute.CHORES]}) AND NOT {outage}",
            names.notifications_topic,
        ),
    )

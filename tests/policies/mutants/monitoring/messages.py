"""Mutants for `policies.rules.monitoring.messages` and `delivery`."""

from policies.stack import resource_types
from tests.policies.added_alarm import alarm
from tests.policies.mutants.alarms.composites import composite
from tests.policies.mutate import (
    REMOVED,
    UNKNOWN,
    Change,
    Mutant,
    all_changes,
    declare,
    edit_input,
    set_input,
    set_source,
    unchanged,
    without,
)
from tests.policies.names import ALERTS_ARN, ARN

MESSAGES = "monitoring-messages"
TOLD, FITS = "monitoring-people-are-told", "monitoring-subscription-fits"
OWN = "monitoring-topic-of-own-alarms"
_CONDITION = "policy.Statement.1.Condition"
_ANY_ALARM = ARN.format("cloudwatch", "alarm:*")
NOTIFICATIONS_ARN = ARN.format("sns", "workflow-notifications-prod")
OUTAGE, ESCALATION, NOTICES = "alarms-outage", "alarms-escalation", "alarms-notices"
TO_SLACK, ENDINGS = "slack-alerts", "slack-notifications"
EMAILS = {"goal-mandala:alertEmails": '["operators@example.com"]'}


def rule(name: str, old: str, new: str) -> Change:
    """Replace a part of a composite's rule, which has to be there."""

    def edited(text: str) -> str:
        assert old in text, text
        return text.replace(old, new)

    return edit_input(name, "alarmRule", edited)


def subscription(protocol: str, endpoint: str, topic: str = "alerting-alerts") -> Change:
    """One subscription more."""
    inputs = {"protocol": protocol, "endpoint": endpoint, "topic": UNKNOWN}
    return declare(resource_types.SUBSCRIPTION, "more", inputs, sources={"topic": topic})


_AND_OUTAGE = ' AND ALARM("goal-mandala-prod-outage")'
_SWEPT = '"goal-mandala-prod-workflow-reconcile-swept"'

MUTANTS = (
    Mutant(
        MESSAGES,
        "an outage tells the topic of notices",
        set_input(OUTAGE, "alarmActions", [NOTIFICATIONS_ARN]),
    ),
    Mutant(MESSAGES, "nobody hears that it is over", set_input(OUTAGE, "okActions", REMOVED)),
    Mutant(
        MESSAGES,
        "a notice calls people",
        set_input(NOTICES, "alarmActions", [NOTIFICATIONS_ARN, ALERTS_ARN]),
    ),
    Mutant(
        MESSAGES,
        "the cost tells the topic of notices",
        set_input("alarms-model-cost-high", "alarmActions", [NOTIFICATIONS_ARN]),
    ),
    Mutant(
        MESSAGES,
        "one alarm only together with another",
        rule(OUTAGE, 'timeout-high") OR', 'timeout-high") AND'),
    ),
    Mutant(
        MESSAGES,
        "an alarm less in the rule",
        rule(OUTAGE, 'ALARM("goal-mandala-prod-table-throttled") OR ', ""),
    ),
    Mutant(
        MESSAGES,
        "silence also before the first sweep",
        rule(OUTAGE, f"OK({_SWEPT})", f"NOT ALARM({_SWEPT})"),
    ),
    Mutant(MESSAGES, "escalation without an outage", rule(ESCALATION, _AND_OUTAGE, "")),
    Mutant(
        MESSAGES,
        "notices during an outage",
        rule(NOTICES, ' AND NOT ALARM("goal-mandala-prod-outage")', ""),
    ),
    Mutant(
        MESSAGES,
        "notices during an outage only",
        rule(NOTICES, "AND NOT ALARM", "AND ALARM"),
    ),
    Mutant(
        MESSAGES,
        "a notice in the rule of outages",
        edit_input(
            OUTAGE,
            "alarmRule",
            lambda old: f'{old} OR ALARM("goal-mandala-prod-workflow-execution-failed")',
        ),
    ),
    Mutant(MESSAGES, "no composite of chores", without("alarms-chores")),
    Mutant(MESSAGES, "the program as it is", unchanged, near_miss=True),
    Mutant(MESSAGES, "a composite more", composite(), near_miss=True),
    Mutant(
        MESSAGES,
        "an alarm more in the rule of outages",
        all_changes(
            alarm(alarmActions=REMOVED),
            edit_input(
                OUTAGE, "alarmRule", lambda old: f'{old} OR ALARM("goal-mandala-prod-errors")'
            ),
        ),
        near_miss=True,
    ),
    Mutant(
        MESSAGES,
        "notices also tell when all is well again",
        set_input(NOTICES, "okActions", [NOTIFICATIONS_ARN]),
        near_miss=True,
    ),
    Mutant(TOLD, "no subscription of Slack to the alerts", without(TO_SLACK)),
    Mutant(
        TOLD,
        "the alerts' subscription on the other topic",
        set_source(TO_SLACK, "topic", "alerting-notifications"),
    ),
    Mutant(
        TOLD,
        "the notices' subscription leads to the dead letters",
        set_source(ENDINGS, "endpoint", "slack-dead-letters"),
    ),
    Mutant(
        TOLD,
        "time-outs are not told",
        edit_input(
            ENDINGS,
            "filterPolicy.status",
            lambda old: [each for each in old if each != "TIMED_OUT"],
        ),
    ),
    Mutant(TOLD, "an address that is not subscribed", unchanged, config=EMAILS),
    Mutant(
        TOLD,
        "Slack's mapping reads another queue",
        set_source("slack-mapping", "eventSourceArn", "slack-dead-letters"),
    ),
    Mutant(
        TOLD,
        "an address that is",
        subscription("email", "operators@example.com"),
        near_miss=True,
        config=EMAILS,
    ),
    Mutant(
        TOLD,
        "successes are told, too",
        edit_input(ENDINGS, "filterPolicy.status", lambda old: [*old, "SUCCEEDED"]),
        near_miss=True,
    ),
    Mutant(TOLD, "the program as it is", unchanged, near_miss=True),
    Mutant(FITS, "a queue by e-mail", set_input(TO_SLACK, "protocol", "email")),
    Mutant(FITS, "an address as a queue", subscription("sqs", "operators@example.com")),
    Mutant(
        FITS,
        "a function as a queue",
        subscription("sqs", ARN.format("lambda", "function:goal-mandala-prod-slack-notifier:live")),
    ),
    Mutant(FITS, "a person more", subscription("email", "people@example.com"), near_miss=True),
    Mutant(FITS, "the program as it is", unchanged, near_miss=True),
    Mutant(
        OWN,
        "every alarm of the account may publish",
        set_input("alerting-alerts-policy", f"{_CONDITION}.ArnLike", REMOVED),
    ),
    Mutant(
        OWN,
        "an alarm of any name",
        set_input("alerting-alerts-policy", f"{_CONDITION}.ArnLike", {"aws:SourceArn": _ANY_ALARM}),
    ),
    Mutant(
        OWN,
        "no aws:SourceAccount beside the ARN, which has the account",
        set_input("alerting-alerts-policy", f"{_CONDITION}.StringEquals", REMOVED),
        near_miss=True,
    ),
    Mutant(OWN, "the program as it is", unchanged, near_miss=True),
)

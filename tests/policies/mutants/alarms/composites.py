"""Mutants for `policies.rules.alarms.composites`."""

from policies.stack import resource_types
from tests.policies.added_alarm import DEPENDENCIES, alarm
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
    without_dependency,
)
from tests.policies.names import ALERTS_ARN, ARN

EXIST, COMPOSITE, ACTIONS = (
    "alarm-actions-exist",
    "alarm-composite",
    "observability-alarm-actions",
)
OUTAGE = "alarms-outage"
TYPO = ARN.format("sns", "workflow-alert-prod")
_CHILD = 'ALARM("goal-mandala-prod-errors")'


def composite(rule: str = _CHILD, *, after: tuple[str, ...] = ("errors",)) -> Change:
    """An alarm without an action, and a composite that has one."""
    inputs = {"alarmName": "goal-mandala-prod-all", "alarmRule": rule, "alarmActions": [ALERTS_ARN]}
    more = declare(resource_types.COMPOSITE_ALARM, "all", inputs, after=(*DEPENDENCIES, *after))
    return all_changes(alarm(alarmActions=REMOVED), more)


MUTANTS = (
    Mutant(
        EXIST,
        "the outage alarm tells a topic that nobody declares",
        set_input(OUTAGE, "alarmActions", [TYPO]),
    ),
    Mutant(EXIST, "an OK action on a topic that nobody declares", alarm(okActions=[TYPO])),
    Mutant(
        EXIST,
        "a queue as an action",
        alarm(alarmActions=[ARN.format("sqs", "goal-mandala-prod-slack")]),
    ),
    Mutant(
        EXIST,
        "an action that comes from a key",
        all_changes(
            alarm(alarmActions=[UNKNOWN]), set_source("errors", "alarmActions", "keys-key")
        ),
    ),
    Mutant(
        EXIST,
        "a topic without a subscriber",
        all_changes(
            declare(resource_types.TOPIC, "idle", {"name": "idle"}),
            alarm(alarmActions=[ARN.format("sns", "idle")]),
        ),
    ),
    Mutant(
        EXIST,
        "an alarm that names its topic by the topic's own output",
        all_changes(
            alarm(alarmActions=[UNKNOWN]), set_source("errors", "alarmActions", "alerting-alerts")
        ),
        near_miss=True,
    ),
    Mutant(EXIST, "the program as it is", unchanged, near_miss=True),
    Mutant(
        COMPOSITE,
        "a child that nobody declares",
        edit_input(OUTAGE, "alarmRule", lambda old: old.replace("none-succeed", "none-succeeds")),
    ),
    Mutant(COMPOSITE, "a rule that does not parse", composite(f"{_CHILD} OR")),
    Mutant(
        COMPOSITE,
        "a rule with a state that does not exist",
        composite(_CHILD.replace("ALARM", "ALERT")),
    ),
    Mutant(COMPOSITE, "a rule in small letters", composite(f"not {_CHILD}")),
    Mutant(COMPOSITE, "the wrong sense: OK", composite(_CHILD.replace("ALARM", "OK"))),
    Mutant(COMPOSITE, "the wrong sense: NOT ALARM", composite(f"NOT {_CHILD}")),
    Mutant(COMPOSITE, "a rule that is never true", composite(f"{_CHILD} AND NOT {_CHILD}")),
    Mutant(COMPOSITE, "a rule without an alarm", composite("TRUE")),
    Mutant(COMPOSITE, "a composite of itself", composite('ALARM("goal-mandala-prod-all")')),
    Mutant(
        COMPOSITE,
        "a composite that may be made before its children",
        composite(after=()),
    ),
    Mutant(
        COMPOSITE,
        "the outage alarm, which may be made before its children",
        without_dependency(OUTAGE, "alarms-workflow-none-succeed"),
    ),
    Mutant(COMPOSITE, "a composite more", composite(), near_miss=True),
    Mutant(COMPOSITE, "a child without quotes", composite(_CHILD.replace('"', "")), near_miss=True),
    Mutant(
        COMPOSITE,
        "a child by its ARN",
        composite(f'ALARM("{ARN.format("cloudwatch", "alarm:goal-mandala-prod-errors")}")'),
        near_miss=True,
    ),
    Mutant(ACTIONS, "an alarm without action", alarm(alarmActions=REMOVED)),
    Mutant(ACTIONS, "an alarm with disabled actions", alarm(actionsEnabled=False)),
    Mutant(ACTIONS, "the outage alarm without action", set_input(OUTAGE, "alarmActions", REMOVED)),
    Mutant(ACTIONS, "the outage alarm is gone", without(OUTAGE)),
    Mutant(
        ACTIONS,
        "a composite that fires only if all of its children do",
        edit_input(OUTAGE, "alarmRule", lambda old: old.replace(" OR ", " AND ")),
    ),
    Mutant(
        ACTIONS,
        "a child that the composite waits for to be OK",
        edit_input(
            OUTAGE,
            "alarmRule",
            lambda old: old.replace('ALARM("goal-mandala-prod-api', 'OK("goal-mandala-prod-api'),
        ),
    ),
    Mutant(ACTIONS, "the child of a composite alarm with an action", composite(), near_miss=True),
    Mutant(ACTIONS, "an alarm with an action", alarm(), near_miss=True),
)

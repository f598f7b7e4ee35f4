"""The routes of alarms: the infrastructure declares them, Slack shows them."""

from enum import StrEnum


class AlarmRoute(StrEnum):
    """The composite alarm that notifies for an alarm; the value is the end of its name."""

    OUTAGE = "outage"
    """Users do not get what they ask for now. It calls a person, and ends when its cause does."""
    UNDELIVERED = "undelivered"
    """Something waits until a person handles it."""
    NOTICES = "notices"
    """To be looked at in office hours; it calls no one."""
    CHORES = "chores"
    """To be tidied up some day. It stays in ALARM until then, and would hide the next notice."""
    ESCALATION = "escalation"
    """An outage that lasts."""
    SELF = "self"
    """None: the alarm has actions of its own."""

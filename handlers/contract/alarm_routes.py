"""Where an alarm goes: what the infrastructure declares and Slack shows."""

from enum import StrEnum


class AlarmRoute(StrEnum):
    """The composite that speaks for an alarm, by the end of its name; SELF has actions itself."""

    OUTAGE = "outage"
    """Users do not get what they ask for, now. A person is called; it passes by itself."""
    UNDELIVERED = "undelivered"
    """Something waits until a person deals with it."""
    NOTICES = "notices"
    """Worth a look in office hours: nobody is called."""
    CHORES = "chores"
    """To be tidied up some day. It stays on until then: among notices it would hide the next."""
    ESCALATION = "escalation"
    """An outage that stays."""
    SELF = "self"

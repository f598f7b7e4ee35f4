"""The fields in an alarm's name and description: the infrastructure writes them, Slack reads them.

A message of CloudWatch carries an alarm's name and description, but neither its tags nor the alarms
that send through it. So the name holds the route, and the description holds the text in both
languages and the section of the runbook. Only this module knows how.
"""

import re
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Self

from handlers.contract.languages import BilingualText


class AlarmRoute(StrEnum):
    """The way of an alarm's messages to people: a composite alarm, or the alarm's own actions."""

    OUTAGE = "outage"
    """Users do not get what they ask for, now. A person is called; it ends without one."""
    UNDELIVERED = "undelivered"
    """Something waits until a person deals with it."""
    NOTICES = "notices"
    """Worth a look in office hours; no one is called."""
    CHORES = "chores"
    """To be tidied up some day. The alarm stays on until then: among notices it would hide the
    next one."""
    ESCALATION = "escalation"
    """An outage that lasts."""
    SELF = "self"
    """The alarm has actions of its own and belongs to no composite."""
    CONDITION = "condition"
    """No message: its state decides whether a composite counts another alarm."""


COMPOSITE_ROUTES = tuple(
    route for route in AlarmRoute if route not in (AlarmRoute.SELF, AlarmRoute.CONDITION)
)


def composite_name(prefix: str, route: AlarmRoute) -> str:
    """The name of the composite alarm of a route; `prefix` is the stack's."""
    return f"{prefix}-{route}"


def metric_alarm_name(prefix: str, key: str) -> str:
    """The name of a metric alarm; ValueError if it would read as a composite's."""
    name = f"{prefix}-{key}"
    if read_route(name) is not AlarmRoute.SELF:
        raise ValueError(
            f"{name}: the last word of a metric alarm's name is none of"
            f" {', '.join(COMPOSITE_ROUTES)}, which end the names of composite alarms"
        )
    return name


def read_route(name: str) -> AlarmRoute:
    """The route of the alarm that sent a message, by its name: a composite's route, or SELF."""
    last_word = name.rpartition("-")[2]
    return AlarmRoute(last_word) if last_word in COMPOSITE_ROUTES else AlarmRoute.SELF


@dataclass(frozen=True)
class AlarmDescription:
    """What an alarm's description holds.

    text: what happened and what to do, each language on one line.
    runbook: the runbook's address or path. anchor: of the section about this alarm.

    Raises ValueError where a field could not be read back.
    """

    text: BilingualText
    runbook: str
    anchor: str

    def __post_init__(self) -> None:
        if not _FORM.fullmatch(str(self)):
            raise ValueError(
                f"{asdict(self)}: a text is one line, a runbook has no space and no #,"
                " an anchor has letters, digits, _ and -"
            )

    def __str__(self) -> str:
        return f"{self.text.ja}\n{self.text.en}\n{self.section}"

    @property
    def section(self) -> str:
        """Where the runbook's section is."""
        return f"{self.runbook}#{self.anchor}"

    @classmethod
    def read(cls, description: str) -> Self | None:
        """The fields of a description; None for a text of another form."""
        found = _FORM.fullmatch(description)
        if not found:
            return None
        text = BilingualText(en=found["en"], ja=found["ja"])
        return cls(text, found["runbook"], found["anchor"])


_FORM = re.compile(r"(?P<ja>.+)\n(?P<en>.+)\n(?P<runbook>[^\s#]+)#(?P<anchor>[A-Za-z0-9_-]+)")

"""The rules of composite alarms: ALARM, OK and INSUFFICIENT_DATA under AND, OR and NOT.

(CloudWatch API reference, PutCompositeAlarm: AlarmRule. NOT binds tightest, OR loosest.)
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

MOST_CHARACTERS = 10_240
MOST_CHILDREN = 100

_STATES = ("ALARM", "OK", "INSUFFICIENT_DATA")
_TOKEN = re.compile(r'\s*(?:([()])|"((?:[^"\\]|\\.)*)"|([^\s()"]+))')


class RuleError(ValueError):
    """A rule that CloudWatch would refuse; the text says where."""


@dataclass(frozen=True)
class Is:
    """Whether an alarm is in a state."""

    alarm: str
    state: str


@dataclass(frozen=True)
class Not:
    """The opposite."""

    rule: "Rule"


@dataclass(frozen=True)
class Every:
    """Every one of them: AND."""

    rules: tuple["Rule", ...]


@dataclass(frozen=True)
class Either:
    """One of them at least: OR."""

    rules: tuple["Rule", ...]


@dataclass(frozen=True)
class Always:
    """TRUE or FALSE."""

    value: bool


Rule = Is | Not | Every | Either | Always


def parse_rule(text: str) -> Rule:
    """A rule's tree; alarms are named by name or ARN, quoted or not. Raises RuleError."""
    if len(text) > MOST_CHARACTERS:
        raise RuleError(f"a rule of {len(text)} characters is over the {MOST_CHARACTERS}")
    reader = _Reader(text)
    rule = reader.either()
    if reader.token:
        raise reader.unexpected()
    if len(alarms_in(rule)) > MOST_CHILDREN:
        raise RuleError(f"a rule over {len(alarms_in(rule))} alarms is over the {MOST_CHILDREN}")
    return rule


def holds(rule: Rule, states: Mapping[str, str]) -> bool:
    """Whether a rule is true; `states` by alarm name."""
    match rule:
        case Is(alarm, state):
            return states[alarm] == state
        case Not(inner):
            return not holds(inner, states)
        case Every(rules):
            return all(holds(each, states) for each in rules)
        case Either(rules):
            return any(holds(each, states) for each in rules)
        case Always(value):
            return value


def alarms_in(rule: Rule) -> frozenset[str]:
    """The names of all alarms that a rule asks about."""
    match rule:
        case Is(alarm, _):
            return frozenset({alarm})
        case Not(inner):
            return alarms_in(inner)
        case Every(rules) | Either(rules):
            return frozenset[str]().union(*map(alarms_in, rules))
        case Always():
            return frozenset()


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0
        self.token = ""
        self._quoted = False
        self._advance()

    def either(self) -> Rule:
        """One or more joined by OR."""
        rules = self._joined("OR", self._both)
        return rules[0] if len(rules) == 1 else Either(rules)

    def unexpected(self) -> RuleError:
        """What to raise where the text does not go on as it must."""
        return RuleError(f"{self._text!r}: {self.token or 'the end'!r} was not expected")

    def _both(self) -> Rule:
        rules = self._joined("AND", self._operand)
        return rules[0] if len(rules) == 1 else Every(rules)

    def _joined(self, word: str, part: Callable[[], Rule]) -> tuple[Rule, ...]:
        rules = [part()]
        while self.token == word and not self._quoted:
            self._advance()
            rules.append(part())
        return tuple(rules)

    def _operand(self) -> Rule:
        token = "" if self._quoted else self.token
        if token == "NOT":  # noqa: S105 - a word
            self._advance()
            return Not(self._operand())
        if token == "(":  # noqa: S105 - a sign
            self._advance()
            rule = self.either()
            self._expect(")")
            return rule
        if token in ("TRUE", "FALSE"):
            self._advance()
            return Always(token == "TRUE")  # noqa: S105 - a word
        if token in _STATES:
            self._advance()
            self._expect("(")
            alarm = self.token
            if not alarm or (alarm in "()" and not self._quoted):
                raise self.unexpected()
            self._advance()
            self._expect(")")
            return Is(alarm.rpartition(":alarm:")[2], token)
        raise self.unexpected()

    def _expect(self, sign: str) -> None:
        if self.token != sign or self._quoted:
            raise self.unexpected()
        self._advance()

    def _advance(self) -> None:
        found = _TOKEN.match(self._text, self._position)
        if found is None:
            if self._text[self._position :].strip():
                raise RuleError(f"{self._text!r}: a quote is not closed")
            self.token, self._quoted = "", False
            return
        self._position = found.end()
        sign, quoted, word = found.groups()
        self._quoted = quoted is not None
        self.token = re.sub(r"\\(.)", r"\1", quoted) if self._quoted else sign or word

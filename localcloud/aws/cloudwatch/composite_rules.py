"""The rules of composite alarms: ALARM, OK and INSUFFICIENT_DATA under AND, OR and NOT.

(CloudWatch API reference, PutCompositeAlarm: AlarmRule. NOT binds tightest, OR loosest.)
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

MAX_CHARACTERS = 10_240
MAX_CHILDREN = 100

_STATES = ("ALARM", "OK", "INSUFFICIENT_DATA")
_TOKEN = re.compile(r'\s*(?:([()])|"((?:[^"\\]|\\.)*)"|([^\s()"]+))')


class RuleError(ValueError):
    """A rule that CloudWatch would refuse; the text says where."""


@dataclass(frozen=True)
class InState:
    """Whether an alarm is in a state."""

    alarm: str
    state: str


@dataclass(frozen=True)
class Not:
    """NOT."""

    rule: "Rule"


@dataclass(frozen=True)
class And:
    """Rules joined by AND."""

    rules: tuple["Rule", ...]


@dataclass(frozen=True)
class Or:
    """Rules joined by OR."""

    rules: tuple["Rule", ...]


@dataclass(frozen=True)
class Boolean:
    """TRUE or FALSE."""

    value: bool


Rule = InState | Not | And | Or | Boolean


def parse_rule(text: str) -> Rule:
    """Read a rule; alarms are named by name or ARN, quoted or not. Raises RuleError."""
    if len(text) > MAX_CHARACTERS:
        raise RuleError(f"a rule of {len(text)} characters is longer than {MAX_CHARACTERS}")
    parser = _RuleParser(text)
    rule = parser.disjunction()
    if parser.token:
        raise parser.unexpected()
    if len(alarms_in(rule)) > MAX_CHILDREN:
        raise RuleError(f"a rule over {len(alarms_in(rule))} alarms: {MAX_CHILDREN} are allowed")
    return rule


def holds(rule: Rule, states: Mapping[str, str]) -> bool:
    """Whether a rule is true; `states` by alarm name."""
    match rule:
        case InState(alarm, state):
            return states[alarm] == state
        case Not(inner):
            return not holds(inner, states)
        case And(rules):
            return all(holds(each, states) for each in rules)
        case Or(rules):
            return any(holds(each, states) for each in rules)
        case Boolean(value):
            return value


def alarms_in(rule: Rule) -> frozenset[str]:
    """The names of all alarms in a rule."""
    match rule:
        case InState(alarm, _):
            return frozenset({alarm})
        case Not(inner):
            return alarms_in(inner)
        case And(rules) | Or(rules):
            return frozenset[str]().union(*map(alarms_in, rules))
        case Boolean():
            return frozenset()


class _RuleParser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0
        self.token = ""
        self._quoted = False
        self._advance()

    def disjunction(self) -> Rule:
        """One or more joined by OR."""
        rules = self._joined("OR", self._conjunction)
        return rules[0] if len(rules) == 1 else Or(rules)

    def unexpected(self) -> RuleError:
        """The error for the present token."""
        return RuleError(f"{self._text!r}: {self.token or 'the end'!r} was not expected")

    def _conjunction(self) -> Rule:
        rules = self._joined("AND", self._operand)
        return rules[0] if len(rules) == 1 else And(rules)

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
            rule = self.disjunction()
            self._expect(")")
            return rule
        if token in ("TRUE", "FALSE"):
            self._advance()
            return Boolean(token == "TRUE")  # noqa: S105 - a word
        if token in _STATES:
            self._advance()
            self._expect("(")
            alarm = self.token
            if not alarm or (alarm in "()" and not self._quoted):
                raise self.unexpected()
            self._advance()
            self._expect(")")
            return InState(alarm.rpartition(":alarm:")[2], token)
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

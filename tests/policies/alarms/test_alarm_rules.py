"""The pack reads the rules of composite alarms as the embedded cloud does."""

import itertools

import pytest

from localcloud.aws.cloudwatch import composite_rules
from policies.stack.alarm_rules import RuleError, parse_rule

STATES = ("OK", "ALARM", "INSUFFICIENT_DATA")


@pytest.mark.parametrize(
    "text",
    [
        'ALARM("a")',
        "ALARM(a) OR OK(b)",
        '(ALARM("a") OR ALARM("b")) AND NOT ALARM("c")',
        'ALARM("a") OR ALARM("b") AND INSUFFICIENT_DATA("c")',
        'NOT (ALARM("a") AND TRUE) OR FALSE',
        'ALARM("arn:aws:cloudwatch:eu-west-1:123456789012:alarm:a")',
    ],
)
def test_a_rule_holds_in_the_same_states(text: str) -> None:
    ours, theirs = parse_rule(text), composite_rules.parse_rule(text)
    assert ours.alarms == composite_rules.alarms_in(theirs)
    for states in itertools.product(STATES, repeat=3):
        named = dict(zip("abc", states, strict=True))
        assert ours.holds(named) == composite_rules.holds(theirs, named), named


@pytest.mark.parametrize(
    "text",
    [
        "",
        'ALARM("a") OR',
        'ALERT("a")',
        "ALARM()",
        '"a"',
        'ALARM("a") ALARM("b")',
        "1",
        "x",
        'not ALARM("a")',
    ],
)
def test_it_refuses_what_cloudwatch_refuses(text: str) -> None:
    with pytest.raises(RuleError):
        parse_rule(text)
    with pytest.raises(composite_rules.RuleError):
        composite_rules.parse_rule(text)

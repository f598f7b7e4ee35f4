"""Rules of composite alarms, compared with Python's and, or and not."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.aws.cloudwatch.composite_rules import RuleError, alarms_in, holds, parse_rule

STATES = {"a": "ALARM", "b": "OK", "c": "INSUFFICIENT_DATA"}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("ALARM(a)", True),
        ('ALARM("a") AND NOT ALARM("b")', True),
        ("OK(b) AND INSUFFICIENT_DATA(c)", True),
        ("ALARM(arn:aws:cloudwatch:ap-northeast-1:123456789012:alarm:b)", False),
        # AND before OR, NOT before both
        ("TRUE OR FALSE AND FALSE", True),
        ("(TRUE OR FALSE) AND FALSE", False),
        ("NOT FALSE AND TRUE", True),
        ("NOT (ALARM(b) OR ALARM(c))", True),
    ],
)
def test_a_rule_evaluates_to(rule: str, expected: bool) -> None:
    assert holds(parse_rule(rule), STATES) is expected


def test_a_rule_names_its_alarms() -> None:
    assert alarms_in(parse_rule('ALARM("x y") OR NOT (OK(b) AND TRUE)')) == {"x y", "b"}


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "ALARM",
        "ALARM()",
        "ALARM(a",
        "ALARM(a) OR",
        "AND ALARM(a)",
        "ALARM(a) ALARM(b)",
        'ALARM("a)',
        '"TRUE"',
        "AT_LEAST(1, ALARM, (a, b))",
        "ALARM(" + "a" * 10_240 + ")",
        " OR ".join(f"ALARM(a{number})" for number in range(101)),
    ],
)
def test_an_invalid_rule_is_refused(rule: str) -> None:
    with pytest.raises(RuleError):
        parse_rule(rule)


# a rule and whether it holds, side by side
conditions = st.tuples(st.sampled_from(list(STATES.values())), st.sampled_from(list(STATES))).map(
    lambda drawn: (f"{drawn[0]}({drawn[1]})", STATES[drawn[1]] == drawn[0])
)
rules = st.recursive(
    conditions,
    lambda below: st.one_of(
        below.map(lambda rule: (f"NOT ({rule[0]})", not rule[1])),
        st.tuples(below, below).map(
            lambda pair: (f"({pair[0][0]}) AND ({pair[1][0]})", pair[0][1] and pair[1][1])
        ),
        st.tuples(below, below).map(
            lambda pair: (f"({pair[0][0]}) OR ({pair[1][0]})", pair[0][1] or pair[1][1])
        ),
    ),
    max_leaves=8,
)


@given(rules)
def test_rules_evaluate_as_in_python(rule: tuple[str, bool]) -> None:
    text, truth = rule

    assert holds(parse_rule(text), STATES) is truth


@given(st.text('ALRMOKNDT()" a', max_size=30))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    with suppress(RuleError):
        parse_rule(text)

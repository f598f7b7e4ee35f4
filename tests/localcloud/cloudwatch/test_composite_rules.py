"""Rules of composite alarms against Python's own and, or, not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.cloudwatch.composite_rules import RuleError, alarms_in, holds, parse_rule

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
def test_a_rule_holds_or_does_not(rule: str, expected: bool) -> None:
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
def test_what_is_no_rule_is_refused(rule: str) -> None:
    with pytest.raises(RuleError):
        parse_rule(rule)


conditions = st.tuples(st.sampled_from(list(STATES.values())), st.sampled_from(list(STATES)))
rules = st.recursive(
    conditions.map(lambda condition: (f"{condition[0]}({condition[1]})", condition)),
    lambda below: st.one_of(
        below.map(lambda rule: (f"NOT ({rule[0]})", ("not", rule[1]))),
        st.tuples(below, st.sampled_from(["AND", "OR"]), below).map(
            lambda parts: (
                f"({parts[0][0]}) {parts[1]} ({parts[2][0]})",
                (parts[1], parts[0][1], parts[2][1]),
            )
        ),
    ),
    max_leaves=8,
)


def _truth(tree: tuple[object, ...]) -> bool:
    match tree:
        case ("not", tuple() as inner):
            return not _truth(inner)
        case ("AND", tuple() as left, tuple() as right):
            return _truth(left) and _truth(right)
        case ("OR", tuple() as left, tuple() as right):
            return _truth(left) or _truth(right)
        case (state, str() as alarm):
            return STATES[alarm] == state
        case _:
            raise AssertionError(tree)


@given(rules)
def test_rules_are_read_as_python_reads_them(rule: tuple[str, tuple[object, ...]]) -> None:
    text, tree = rule

    assert holds(parse_rule(text), STATES) is _truth(tree)


@given(st.text('ALRMOKNDT()" a', max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parse_rule(text)
    except RuleError:
        pass

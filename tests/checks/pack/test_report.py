"""The text about violations and policies."""

import json

import pytest

from checks.pack.analyzer import Violation
from checks.pack.report import by_stack, explained, violations
from checks.pack.sarif import sarif
from checks.pack.stacks import PackResult
from policies.pack import policies

FOUND = Violation("alarm-can-fire", "urn:pulumi:prod::p::t::alarms-outage", "never", mandatory=True)


def test_a_violation_says_what_where_why_and_how_to_mend_it() -> None:
    policy = next(each for each in policies() if each.name == "alarm-can-fire")
    assert list(violations("prod", [FOUND], policies())) == [
        "prod: alarm-can-fire (mandatory): alarms-outage: never",
        f"    why: {policy.description}",
        f"    fix: {policy.remediation_steps}",
        "    more: make policy EXPLAIN=alarm-can-fire",
    ]


def test_a_secret_in_the_name_of_a_resource_is_not_printed() -> None:
    token = "xox" + "b-123456789012-1234567890123-" + "aBcDeFgHiJkLmNoPqRsTuVwX"
    found = Violation("iam-trust", f"urn:pulumi:prod::p::t::role-{token}", "wrong", mandatory=True)
    text = "\n".join(violations("prod", [found], policies()))
    assert "prod: iam-trust (mandatory): (a secret): wrong" in text
    assert token not in text
    assert token not in json.dumps(sarif({"prod": [found]}, policies()))


def test_why_and_fix_stand_once_for_several_violations_of_a_policy() -> None:
    other = Violation("iam-trust", "", "wrong", mandatory=False)
    lines = list(violations("prod", [FOUND, other, FOUND], policies()))
    assert [line.startswith("    why") for line in lines].count(True) == 2
    assert lines[1] == lines[0]
    assert "prod: iam-trust (did not run): the stack: wrong" in lines


def test_the_summary_has_a_line_for_each_stack_with_the_policies_it_violates() -> None:
    results = {
        "dev": PackResult(170, frozenset(), ()),
        "staging": PackResult(171, frozenset(), (FOUND, FOUND)),
    }
    assert list(by_stack(results)) == [
        "dev      resources 170, violations 0",
        "staging  resources 171, violations 2: alarm-can-fire 2",
    ]


def test_every_policy_can_be_explained() -> None:
    for policy in policies():
        text = explained(policy.name, policies())
        assert policy.description in text
        assert str(policy.remediation_steps) in text


def test_a_misspelt_policy_is_answered_with_one_that_exists() -> None:
    with pytest.raises(LookupError, match="no policy alarm-can-fir: alarm-can-fire"):
        explained("alarm-can-fir", policies())

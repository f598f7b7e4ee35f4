"""Exemptions: one finding of one policy at one resource, for a reason, for a while, by an owner."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pulumi.output import Unknown

from tests.policies.mutate import set_input
from tests.policies.names import START, START_POLICY
from tests.policies.stacks import ALL_POLICIES, StacksUnderTest

TOPIC = "alerting-alerts"
POLICY = "observability-log-retention"
GROUP = "workflow-log"

SOON = (datetime.now(UTC).date() + timedelta(days=30)).isoformat()
AFTER_91_DAYS = (datetime.now(UTC).date() + timedelta(days=91)).isoformat()
FINDING = "logs are kept without end"


def exempted(**exemption: str) -> dict[str, Any]:
    """Configuration with one exemption from POLICY."""
    return {POLICY: {"exemptions": [{"violation": FINDING, "owner": "ops", **exemption}]}}


@pytest.mark.parametrize(
    ("exemption", "problem"),
    [
        ({"reason": "an audit that is under way", "expires": SOON}, None),
        ({"reason": "an audit that is under way", "expires": "9999-12-31"}, "more than 90 days"),
        ({"reason": "an audit that is under way", "expires": SOON, "owner": ""}, "no owner"),
        ({"reason": "an audit that is under way", "expires": SOON, "urn": ""}, "one resource"),
        ({"reason": "an audit that is under way", "expires": SOON, "urn": "*"}, "one resource"),
        (
            {"reason": "an audit that is under way", "expires": SOON, "violation": "another"},
            "does not find",
        ),
        ({"reason": "an audit that is over", "expires": "2020-01-31"}, "expired on 2020-01-31"),
        ({"reason": "x", "expires": SOON}, "it has no reason"),
        ({"reason": "an audit of ours", "expires": "soon"}, "a date such as 2027-01-31 is needed"),
    ],
)
def test_an_exemption_needs_a_reason_and_a_day_that_is_not_over(
    exemption: dict[str, str], problem: str | None, stacks: StacksUnderTest
) -> None:
    program = set_input(GROUP, "retentionInDays", 0)(stacks.program("prod"))
    pack = stacks.pack("prod")
    pack.configure(exempted(**{"urn": program[GROUP].urn, **exemption}))
    found = [each.message for each in pack.analyze(program[GROUP])]
    if problem is None:
        assert found == []
    else:
        assert any(problem in message for message in found)
        assert "logs are kept without end" in found


def test_an_expired_exemption_is_a_violation_even_without_another_one(
    stacks: StacksUnderTest,
) -> None:
    group = stacks.program("prod")[GROUP]
    pack = stacks.pack("prod")
    pack.configure(exempted(urn=group.urn, reason="an audit that is over", expires="2020-01-31"))
    (violation,) = pack.analyze(group)
    assert violation.mandatory
    assert "expired" in violation.message


def test_a_crash_cannot_be_exempted(stacks: StacksUnderTest) -> None:
    changed = set_input(START_POLICY, "policy", "{")(stacks.program("prod"))[START_POLICY]
    pack = stacks.pack("prod")
    pack.enable_only({"iam-no-wildcard-action"})
    (crash,) = pack.analyze(changed)
    exemption = {"urn": changed.urn, "violation": crash.message, "owner": "ops"}
    exemption |= {"reason": "an audit that is under way", "expires": SOON}
    pack.configure({"iam-no-wildcard-action": {"exemptions": [exemption]}})
    messages = [v.message for v in pack.analyze(changed) if v.policy == "iam-no-wildcard-action"]
    assert crash.message in messages


@pytest.mark.parametrize("name", ["access-own-account", POLICY])
def test_an_exemption_of_what_is_gone_is_a_violation(name: str, stacks: StacksUnderTest) -> None:
    gone = "urn:pulumi:prod::goal-mandala::aws:sns/topic:Topic::gone"
    exemption = {"urn": gone, "violation": "x", "owner": "ops", "expires": SOON}
    pack = stacks.pack("prod")
    pack.configure({name: {"exemptions": [{**exemption, "reason": "an audit under way"}]}})
    found = pack.analyze_stack(stacks.program("prod").values())
    assert [v.policy for v in found if "declares no such resource" in v.message] == [name]


def test_an_exemption_exempts_no_other_resource(stacks: StacksUnderTest) -> None:
    program = set_input(GROUP, "retentionInDays", 0)(stacks.program("prod"))
    pack = stacks.pack("prod")
    pack.configure(exempted(urn=program[TOPIC].urn, reason="another one", expires=SOON))
    messages = [each.message for each in pack.analyze(program[GROUP])]
    assert messages == ["logs are kept without end"]


def test_nothing_exempts_an_unknown_input(stacks: StacksUnderTest) -> None:
    after = set_input(START_POLICY, "policy", Unknown())(stacks.program("prod"))
    pack = stacks.pack("prod")
    pack.enable_only(ALL_POLICIES)
    (violation,) = pack.analyze(after[START_POLICY])
    exemption = {"urn": after[START_POLICY].urn, "violation": violation.message, "owner": "ops"}
    exemption |= {"reason": "until it is computed", "expires": SOON}
    pack.configure({violation.policy: {"exemptions": [exemption]}})
    assert violation in list(pack.analyze(after[START_POLICY]))


def test_an_exemption_covers_one_finding_of_two(stacks: StacksUnderTest) -> None:
    program = set_input(START, "environment.variables.API_TOKEN", "x")(stacks.program("prod"))
    program = set_input(START, "environment.variables.DB_PASSWORD", "x")(program)
    pack = stacks.pack("prod")
    pack.enable_only({"access-no-plain-secret"})
    first, second = pack.analyze(program[START])
    exemption = {"urn": first.urn, "violation": first.message, "owner": "ops", "expires": SOON}
    exemption["reason"] = "an audit that is under way"
    pack.configure({"access-no-plain-secret": {"exemptions": [exemption]}})
    found = [v for v in pack.analyze(program[START]) if v.policy == "access-no-plain-secret"]
    assert found == [second]


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"urn": "urn:pulumi:prod::goal-mandala::*"}, "one resource"),
        (
            {"urn": "urn:pulumi:prod::goal-mandala::aws:cloudwatch/logGroup:LogGroup::?"},
            "one resource",
        ),
        ({"urn": "workflow-log"}, "one resource"),
        ({"owner": "  "}, "no owner"),
        ({"reason": "          x"}, "no reason"),
        ({"violation": ""}, "does not find"),
        ({"violation": "*"}, "does not find"),
        ({"expires": ""}, "a date"),
        ({"expires": AFTER_91_DAYS}, "more than 90 days"),
    ],
    ids=str,
)
def test_an_exemption_that_hollows_the_pack_out_is_a_violation_and_exempts_nothing(
    changed: dict[str, str], problem: str, stacks: StacksUnderTest
) -> None:
    program = set_input(GROUP, "retentionInDays", 0)(stacks.program("prod"))
    pack = stacks.pack("prod")
    right = {"urn": program[GROUP].urn, "reason": "an audit under way", "expires": SOON}
    pack.configure(exempted(**{**right, **changed}))
    found = [*pack.analyze(program[GROUP]), *pack.analyze_stack(program.values())]
    messages = [each.message for each in found if each.policy == POLICY]
    assert FINDING in messages
    assert any(problem in message for message in messages)


@pytest.mark.parametrize("missing", ["urn", "violation", "reason", "owner", "expires"])
def test_an_exemption_without_a_field_exempts_nothing(
    missing: str, stacks: StacksUnderTest
) -> None:
    program = set_input(GROUP, "retentionInDays", 0)(stacks.program("prod"))
    pack = stacks.pack("prod")
    right = {"urn": program[GROUP].urn, "reason": "an audit under way", "expires": SOON}
    config = exempted(**right)
    del config[POLICY]["exemptions"][0][missing]
    pack.configure(config)
    messages = [each.message for each in pack.analyze(program[GROUP])]
    assert FINDING in messages
    assert len(messages) > 1

"""The pack over the product's stacks, through its own server."""

import json
from typing import Any

import pytest
from pulumi.output import Unknown
from pulumi_policy import EnforcementLevel

from checks.pack.analyzer import analyzer, resources_of
from components.settings import ENVIRONMENTS
from declared.program import evaluate
from policies.pack import policies
from tests.policies.mutate import all_changes, set_input
from tests.policies.names import START, START_POLICY
from tests.policies.stacks import ALL_POLICIES, StacksUnderTest

TOPIC = "alerting-alerts"


@pytest.mark.parametrize("stack", ENVIRONMENTS)
def test_the_program_has_no_violation_and_no_policy_is_skipped(
    stack: str, stacks: StacksUnderTest
) -> None:
    pack = stacks.pack(stack)
    pack.enable_only(ALL_POLICIES)
    assert len(pack.policies()) == len(policies())
    assert list(pack.analyze_all(stacks.program(stack).values())) == []


@pytest.mark.parametrize(
    "settings",
    [
        {"vpc": {"subnetIds": ["subnet-1", "subnet-2"], "securityGroupIds": ["sg-1"]}},
        {"cognito": {"userPoolId": "ap-northeast-1_x", "clientIds": ["web"]}},
        {"bedrockModel": "global.amazon.nova-2-lite-v1:0"},
        {
            "bedrockModel": "arn:aws:bedrock:ap-northeast-1:123456789012:"
            "application-inference-profile/a1b2c3d4e5f6",
            "bedrockProfileSource": "jp.amazon.nova-2-lite-v1:0",
        },
        {"bedrockModel": "amazon.nova-micro-v1:0", "alertEmails": ["a@example.com"]},
        {"table": {"billing": "provisioned"}, "generation": {"reservedConcurrency": 24}},
        {"snapStart": True, "generation": {"provisionedConcurrency": 0}},
        {"permissionsBoundary": True, "workflowTimeout": 1800},
        {"operators": ["arn:aws:iam::123456789012:user/alice"], "permissionsBoundary": True},
        {"operators": ["arn:aws:iam::123456789012:role/team/Night"]},
    ],
    ids=[
        "vpc",
        "cognito",
        "global",
        "application-profile",
        "model",
        "capacity",
        "snapshots",
        "boundary",
        "bounded operators",
        "operators",
    ],
)
def test_the_program_has_no_violation_with_other_settings(
    settings: dict[str, Any], stacks: StacksUnderTest
) -> None:
    texts = {key: v if isinstance(v, str) else json.dumps(v) for key, v in settings.items()}
    program = evaluate("prod", {**stacks.secrets, **texts}, preview=True)
    # As the engine sends it: policies compare with the configured pool, model and boundary.
    config = {**stacks.config("prod"), **{f"goal-mandala:{key}": v for key, v in texts.items()}}
    with stacks.configured("prod", config) as pack:
        assert list(pack.analyze_all(resources_of(program))) == []


def test_every_policy_is_mandatory_and_has_risk_fix_and_source() -> None:
    for policy in policies():
        assert policy.enforcement_level == EnforcementLevel.MANDATORY
        assert policy.description.endswith(".")
        assert policy.remediation_steps
        assert policy.framework
        assert policy.framework.reference


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("workflow-role", "assumeRolePolicy"),
        (START_POLICY, "policy"),
        ("alerting-alerts-policy", "policy"),
        ("users-client", "enableTokenRevocation"),
        ("workflow-machine", "definition"),
        ("keys-key", "policy"),
        ("reconciliation-ended", "eventPattern"),
        ("functions-task-generation", "environment"),
        ("functions-task-generation", "timeout"),
        ("executions-table", "name"),
        ("functions-task-generation-log", "name"),
        ("alarms-outage", "alarmName"),
        ("alarms-workflow-failure-rate-high", "metricQueries"),
    ],
)
def test_an_unknown_input_is_one_violation_that_says_why_and_how_to_mend_it(
    name: str, path: str, stacks: StacksUnderTest
) -> None:
    after = set_input(name, path, Unknown())(stacks.program("prod"))
    pack = stacks.pack("prod")
    pack.enable_only(ALL_POLICIES)
    (violation,) = [*pack.analyze(after[name]), *pack.analyze_stack(after.values())]
    assert (violation.policy, violation.mandatory) == ("preview-inputs-known", True)
    assert violation.urn == after[name].urn
    assert violation.message.startswith(f"{path} is not known at preview")


def test_beside_an_unknown_input_other_faults_are_reported(stacks: StacksUnderTest) -> None:
    unknown = set_input(START_POLICY, "policy", Unknown())
    fault = set_input("executions-table", "ttl.enabled", False)
    after = all_changes(unknown, fault)(stacks.program("prod"))
    pack = stacks.pack("prod")
    pack.enable_only(ALL_POLICIES)
    changed = [after[START_POLICY], after["executions-table"]]
    found = [each for resource in changed for each in pack.analyze(resource)]
    found += pack.analyze_stack(after.values())
    places = {(each.policy, each.place) for each in found}
    assert ("resilience-table", "executions-table") in places
    assert {place for _, place in places} == {START_POLICY, "executions-table"}


@pytest.mark.parametrize(
    ("name", "path"), [("executions-table", "name"), ("workflow-machine", "definition")]
)
def test_what_does_not_follow_from_an_unknown_input_is_reported(
    name: str, path: str, stacks: StacksUnderTest
) -> None:
    faults = all_changes(
        set_input("archive-private", "blockPublicAcls", False),
        set_input("slack-mapping", "enabled", False),
        set_input("workflow-machine", "publish", False),
    )
    after = all_changes(set_input(name, path, Unknown()), faults)(stacks.program("prod"))
    pack = stacks.pack("prod")
    pack.enable_only(ALL_POLICIES)
    list(pack.analyze(after[name]))
    found = {(each.policy, each.place) for each in pack.analyze_stack(after.values())}
    assert ("wiring-mapping-on", "slack-mapping") in found
    assert ("resilience-rollback", "workflow-machine") in found
    assert {policy for policy, _ in found} >= {"bucket-private"}


def test_a_crash_of_a_stack_policy_names_the_resource(stacks: StacksUnderTest) -> None:
    pack = stacks.pack("prod")
    pack.enable_only({"access-own-account"})
    changed = set_input(TOPIC, "policy", "{")(stacks.program("prod"))
    (violation,) = pack.analyze_stack(changed.values())
    assert violation.urn == changed[TOPIC].urn
    assert "cannot be read" in violation.message


@pytest.mark.parametrize("document", ["{", "[]", '{"Statement": [{"Effect": "Allow"}, 7]}', "null"])
def test_a_document_that_cannot_be_read_is_a_mandatory_violation(
    document: str, stacks: StacksUnderTest
) -> None:
    pack = stacks.pack("prod")
    pack.enable_only({"iam-no-wildcard-action"})
    changed = set_input(START_POLICY, "policy", document)(stacks.program("prod"))
    (violation,) = pack.analyze(changed[START_POLICY])
    assert violation.mandatory
    assert "cannot be read" in violation.message


def test_the_message_about_a_secret_does_not_repeat_it(stacks: StacksUnderTest) -> None:
    changed = set_input(START, "environment.variables.X", "postgresql://a:hunter2@db/x")
    pack = stacks.pack("prod")
    pack.enable_only(ALL_POLICIES)
    (violation,) = pack.analyze(changed(stacks.program("prod"))[START])
    assert "environment.variables.X" in violation.message
    assert "hunter2" not in violation.message


@pytest.mark.parametrize(
    "secret",
    [
        "postgresql://app:hunter2@db.example.com/goals",
        "https://hooks.slack.com/services/T0/B0/hunter2",
        "https://db.example.com?password=hunter2",
        "https://db.example.com/hunter2-of-the-configuration",
    ],
)
def test_no_message_repeats_a_secret_that_is_the_key_of_a_map(
    secret: str, stacks: StacksUnderTest
) -> None:
    variables = {secret: "https://elsewhere.example.com"}
    after = set_input(START, "environment.variables", variables)(stacks.program("prod"))
    key = "goal-mandala:jwtSecret"
    config = {**stacks.config("prod"), key: "hunter2-of-the-configuration"}
    with analyzer("prod", config, [key]) as pack:
        found = [*pack.analyze(after[START]), *pack.analyze_stack(after.values())]
    assert "boundary-own-references" in {each.policy for each in found}
    assert not any("hunter2" in each.message for each in found)

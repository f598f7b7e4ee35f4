"""Remediations: each mends what its policy refuses, and only where the configuration asks."""

import json
from collections.abc import Generator
from dataclasses import replace
from typing import Any

import pytest
from google.protobuf import json_format
from pulumi.runtime.proto import analyzer_pb2

from checks.pack.analyzer import Analyzer, analyzer
from checks.pack.encoding import analyze_request, struct
from declared.resources import DeclaredResource
from tests.policies.mutate import REMOVED, Change, edit_input, set_input
from tests.policies.stacks import StacksUnderTest

GROUP, TOPIC_POLICY, QUEUE_POLICY = (
    "workflow-log",
    "alerting-alerts-policy",
    "slack-queue-policy",
)
TAGS, RETENTION, TLS = (
    "tagging-required",
    "observability-log-retention",
    "encryption-tls-statement",
)


def enable_remediation(pack: Analyzer, policy: str) -> None:
    """Let a policy change resources, as `remediate` in its configuration does."""
    config = {policy: analyzer_pb2.PolicyConfig(enforcementLevel=analyzer_pb2.REMEDIATE)}
    pack.stub.Configure(analyzer_pb2.ConfigureAnalyzerRequest(policyConfig=config))


def remediated(pack: Analyzer, resource: DeclaredResource) -> dict[str, dict[str, Any]]:
    """Policy -> all inputs of a resource after its remediation."""
    response = pack.stub.Remediate(analyze_request(resource, pack.config))
    return {
        each.policyName: json_format.MessageToDict(each.properties)
        for each in response.remediations
    }


def without_denials(old: list[Any]) -> list[Any]:
    """The statements of a policy that allow."""
    return [each for each in old if each["Effect"] == "Allow"]


FAULTS = {
    "no retention": (RETENTION, GROUP, set_input(GROUP, "retentionInDays", REMOVED)),
    "short retention": (RETENTION, GROUP, set_input(GROUP, "retentionInDays", 7)),
    "a topic without TLS": (
        TLS,
        TOPIC_POLICY,
        edit_input(TOPIC_POLICY, "policy.Statement", without_denials),
    ),
    "a queue without TLS": (
        TLS,
        QUEUE_POLICY,
        edit_input(QUEUE_POLICY, "policy.Statement", without_denials),
    ),
}


@pytest.fixture
def pack(stacks: StacksUnderTest) -> Generator[Analyzer]:
    """A pack of its own: remediation stays enabled in the pack that a test enables it in."""
    with analyzer("prod", stacks.config("prod"), stacks.secrets) as running:
        yield running


def faulty(stacks: StacksUnderTest, name: str, change: Change) -> DeclaredResource:
    """The resource of prod with a fault."""
    return change(stacks.program("prod"))[name]


@pytest.mark.parametrize("fault", FAULTS)
def test_it_mends_what_the_policy_refuses(
    fault: str, stacks: StacksUnderTest, pack: Analyzer
) -> None:
    policy, name, change = FAULTS[fault]
    resource = faulty(stacks, name, change)
    assert policy in {each.policy for each in pack.analyze(resource)}
    enable_remediation(pack, policy)
    mended = replace(resource, inputs=remediated(pack, resource)[policy])
    assert policy not in {each.policy for each in pack.analyze(mended)}
    assert remediated(pack, mended) == {}


@pytest.mark.parametrize("fault", FAULTS)
def test_it_changes_nothing_that_it_is_not_asked_for(
    fault: str, stacks: StacksUnderTest, pack: Analyzer
) -> None:
    policy, name, change = FAULTS[fault]
    resource = faulty(stacks, name, change)
    assert remediated(pack, resource) == {}
    enable_remediation(pack, policy)
    changed = remediated(pack, resource)[policy]
    before = json_format.MessageToDict(struct(resource.inputs))
    differ = {key for key in {*changed, *before} if changed.get(key) != before.get(key)}
    assert differ == {"retentionInDays" if policy == RETENTION else "policy"}


@pytest.mark.parametrize("policy", [TAGS, RETENTION, TLS])
def test_it_leaves_the_program_as_it_is(
    policy: str, stacks: StacksUnderTest, pack: Analyzer
) -> None:
    enable_remediation(pack, policy)
    for resource in stacks.program("prod").values():
        assert remediated(pack, resource) == {}, resource.name


def test_it_adds_the_missing_tags_and_keeps_the_others(
    stacks: StacksUnderTest, pack: Analyzer
) -> None:
    untagged = replace(pack, config={**pack.config, "aws:defaultTags": "{}"})
    resource = set_input(GROUP, "tags", {"Owner": "us"})(stacks.program("prod"))[GROUP]
    enable_remediation(pack, TAGS)
    tags = remediated(untagged, resource)[TAGS]["tags"]
    assert tags == {"Owner": "us", "Project": "goal-mandala", "Environment": "prod"}


def test_a_tag_of_another_environment_is_replaced(stacks: StacksUnderTest, pack: Analyzer) -> None:
    resource = set_input(GROUP, "tags", {"Environment": "dev"})(stacks.program("prod"))[GROUP]
    enable_remediation(pack, TAGS)
    assert remediated(pack, resource)[TAGS]["tags"] == {"Environment": "prod"}


def test_it_lowers_no_retention(stacks: StacksUnderTest, pack: Analyzer) -> None:
    enable_remediation(pack, RETENTION)
    resource = set_input(GROUP, "retentionInDays", 731)(stacks.program("prod"))[GROUP]
    assert remediated(pack, resource) == {}


def test_the_added_statement_denies_everybody_to_send_without_tls(
    stacks: StacksUnderTest, pack: Analyzer
) -> None:
    policy, name, change = FAULTS["a topic without TLS"]
    resource = faulty(stacks, name, change)
    enable_remediation(pack, policy)
    document = json.loads(remediated(pack, resource)[policy]["policy"])
    *others, added = document["Statement"]
    assert others == json.loads(resource.inputs["policy"])["Statement"]
    assert added["Effect"] == "Deny"
    assert added["Principal"] == "*"
    assert added["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}

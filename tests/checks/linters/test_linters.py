"""The linters accept the program and report mutants of it."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import pytest

from checks.cloudformation.mapping import PropertyMapping
from checks.cloudformation.table import TABLE
from checks.cloudformation.template import template, with_references
from checks.linters import linting
from checks.linters.__main__ import lint_stack, main
from checks.linters.__main__ import stacks as every_stack
from checks.linters.findings import AcceptedFinding, Finding
from checks.linters.linting import lint, stale
from declared.resources import DeclaredResource
from policies.stack import resource_types
from tests.policies.mutate import (
    REMOVED,
    Change,
    Resources,
    declare,
    edit_input,
    edit_statement,
    set_input,
    with_elements,
)
from tests.policies.names import MACHINE, START, START_POLICY, TASK
from tests.policies.stacks import StacksUnderTest

REGION = "ap-northeast-1"
ITEMS = "definition.States.GenerateAll.Items"


@pytest.fixture(scope="session")
def program(stacks: StacksUnderTest) -> Resources:
    """What prod declares, with references for outputs."""
    return {each.name: each for each in with_references("prod", stacks.secrets)}


def with_referenced(names: Iterable[str], resources: Resources) -> list[DeclaredResource]:
    """Resources with those that they refer to: enough for the linters, in a tenth of the time."""
    wanted, pending = set[str](), list(names)
    by_urn = {each.urn: each.name for each in resources.values()}
    while pending:
        name = pending.pop()
        if name not in wanted:
            wanted.add(name)
            sources = resources[name].property_dependencies.values()
            pending += [by_urn[urn] for urns in sources for urn in urns if urn in by_urn]
            mapping = TABLE.get(resources[name].type)
            if isinstance(mapping, PropertyMapping):
                pending += [n for n, each in resources.items() if each.type == mapping.owner]
    return [each for each in resources.values() if each.name in wanted]


def found(resources: Sequence[DeclaredResource], region: str = REGION) -> list[Finding]:
    """The findings that are not accepted."""
    return list(lint(resources, region).findings)


def after(change: Change, program: Resources) -> list[Finding]:
    """The findings in what a change touches."""
    changed = change(program)
    return found(
        with_referenced([n for n, each in changed.items() if each is not program.get(n)], changed)
    )


@pytest.mark.soak  # make policy checks every stack
def test_the_linters_find_nothing_in_prod_that_is_not_accepted(program: Resources) -> None:
    workflow = lint(list(program.values()), REGION)
    deployment = lint_stack("deployment/prod")
    assert [*workflow.findings, *deployment.findings] == []
    assert stale({*workflow.accepted, *deployment.accepted}) == []


def test_every_stack_file_of_every_program_is_a_stack_to_lint() -> None:
    assert {"prod", "local", "deployment/prod", "examples/consumer/dev"} <= set(every_stack())


@pytest.mark.soak
def test_the_command_counts_all_stacks_in_its_last_line(capfd: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    last = capfd.readouterr().out.splitlines()[-1]
    assert last.startswith(f"AWS's schemas: stacks {len(every_stack())}, resources ")
    assert ", findings 0, accepted " in last


OTHER_SETTINGS: dict[str, Any] = {
    "vpc": {
        "subnetIds": ["subnet-0a1b2c3d", "subnet-1a1b2c3d"],
        "securityGroupIds": ["sg-0a1b2c3d"],
    },
    "cognito": {"userPoolId": "ap-northeast-1_x", "clientIds": ["web"]},
    "alertEmails": ["a@example.com"],
    "browserClient": True,
    "corsOrigins": ["https://goals.example.com"],
    "customDomain": {
        "name": "api.example.com",
        "certificateArn": f"arn:aws:acm:{REGION}:123456789012:certificate/{'0' * 8}-0-0-0-0",
    },
    "generation": {"reservedConcurrency": 24},
    "table": {"billing": "provisioned"},
}
CHANGED_BY_OTHER_SETTINGS = (
    "api-api",
    "api-authorizer",
    "api-domain",
    "api-domain-mapping",
    "executions-table",
    "alerting-alerts-a@example.com",
    "functions-task-generation",
    "functions-workflow-finish",
    "functions-workflow-finish-policy",
)


def test_the_linters_find_nothing_in_what_other_settings_declare(stacks: StacksUnderTest) -> None:
    texts = {key: json.dumps(value) for key, value in OTHER_SETTINGS.items()}
    others = {each.name: each for each in with_references("prod", {**stacks.secrets, **texts})}
    assert "users-pool" not in others
    assert found(with_referenced(CHANGED_BY_OTHER_SETTINGS, others)) == []


MUTANTS: list[tuple[str, Change, str]] = [
    ("an unknown type of state machine", set_input(MACHINE, "type", "STANDART"), "E3030"),
    ("an unknown runtime", set_input(START, "runtime", "python3.99"), "E3030"),
    ("too little memory", set_input(START, "memorySize", 64.0), "E3034"),
    ("a misspelt property", set_input(START, "memorySizes", 512.0), "E3002"),
    ("a time-out of 901 s", set_input(START, "timeout", 901.0), "E3717"),
    ("a zip without a handler", set_input(START, "handler", REMOVED), "W2533"),
    ("an unsupported retention", set_input("workflow-log", "retentionInDays", 42.0), "E3030"),
    ("a key's id instead of its ARN", set_input(START, "kmsKeyArn", "${KeysKey}"), "E1041"),
    ("an unknown output", set_input(START, "kmsKeyArn", "${KeysKey.Key}"), "E1010"),
    ("a role's name instead of its ARN", set_input(START, "role", "a-role"), "E3031"),
    (
        "an index key without its attribute",
        edit_input("executions-table", "attributes", lambda old: old[:-1]),
        "E3039",
    ),
    (
        "read capacity of an on-demand table",
        set_input("executions-table", "readCapacity", 5.0),
        "E3638",
    ),
    (
        "rate(5 minute)",
        set_input("reconciliation-sweep", "scheduleExpression", "rate(5 minute)"),
        "E3027",
    ),
    (
        "a routing weight of 101",
        set_input("workflow-live", "routingConfigurations.0.weight", 101.0),
        "E3034",
    ),
    (
        "provisioned concurrency of an unknown alias",
        set_input("functions-task-generation-warm", "qualifier", "unknown"),
        "unmapped",
    ),
    (
        "a type that the table does not map",
        declare("aws:sfn/activity:Activity", "more", {"name": "more"}),
        "unmapped",
    ),
    (
        "an unknown action",
        edit_statement(
            START_POLICY, "dynamodb:PutItem", with_elements(Action=["dynamodb:PutItems"])
        ),
        "W3037",
    ),
    (
        "an unknown service",
        edit_statement(START_POLICY, "dynamodb:PutItem", with_elements(Action=["dynamdb:PutItem"])),
        "UNKNOWN_PREFIX",
    ),
    (
        "an unknown condition operator",
        edit_statement(
            START_POLICY, "dynamodb:PutItem", with_elements(Condition={"StringEqual": {"a": "b"}})
        ),
        "E3510",
    ),
    (
        "a condition key that the action does not have",
        edit_statement(
            START_POLICY,
            "dynamodb:PutItem",
            with_elements(Condition={"StringEquals": {"s3:prefix": "b"}}),
        ),
        "UNKNOWN_CONDITION_FOR_ACTION",
    ),
    (
        "an unknown policy version",
        set_input(START_POLICY, "policy.Version", "2012-10-18"),
        "INVALID_VERSION",
    ),
    ("a document that is not JSON", set_input(START_POLICY, "policy", "{"), "unmapped"),
    ("no definition", set_input(MACHINE, "definition", REMOVED), "engine"),
    ("a field of JSONPath", set_input(MACHINE, f"{TASK}.InputPath", "$"), "E3601"),
    ("an unknown type of state", set_input(MACHINE, f"{TASK}.Type", "Tasks"), "E3601"),
    ("a state without End", set_input(MACHINE, f"{TASK}.End", REMOVED), "E3601"),
    ("a time-out of 0", set_input(MACHINE, f"{TASK}.TimeoutSeconds", 0), "E3601"),
    (
        "an unknown next state",
        set_input(MACHINE, "definition.States.GenerateAll.Next", "Unknown"),
        "engine",
    ),
    (
        "an unknown jitter strategy",
        set_input(MACHINE, f"{TASK}.Retry.0.JitterStrategy", "SOME"),
        "engine",
    ),
    (
        "an invalid JSONata expression",
        set_input(MACHINE, ITEMS, "{% $states.input.[ %}"),
        "expression",
    ),
    (
        "an unknown JSONata function",
        set_input(MACHINE, ITEMS, "{% $flatten($states.input) %}"),
        "function",
    ),
    (
        "$eval, which Step Functions does not have",
        set_input(MACHINE, ITEMS, "{% $eval($states.input) %}"),
        "function",
    ),
    (
        "$states.result in a field that does not have it",
        set_input(MACHINE, ITEMS, "{% $states.result %}"),
        "states",
    ),
    (
        "an expression inside a text",
        set_input(MACHINE, "definition.States.FinishFailed.Cause", "failed: {% $states.input %}"),
        "half-expression",
    ),
]


@pytest.mark.parametrize(("change", "rule"), [m[1:] for m in MUTANTS], ids=[m[0] for m in MUTANTS])
def test_the_linters_report_a_mutant(change: Change, rule: str, program: Resources) -> None:
    assert rule in {finding.rule for finding in after(change, program)}


def test_a_service_that_a_region_does_not_have_is_reported(program: Resources) -> None:
    pool = with_referenced(["users-pool"], program)
    assert found(pool) == []
    (finding,) = found(pool, "cn-north-1")
    assert (finding.rule, finding.name) == ("E3006", "users-pool")


def test_an_output_that_the_table_does_not_name_is_reported(stacks: StacksUnderTest) -> None:
    unknown = stacks.program("prod")[START]
    ((resource, problem),) = template([unknown]).unmapped
    assert resource is unknown
    assert "is made of an output that the table does not name" in problem


def test_an_accepted_finding_covers_no_other_finding() -> None:
    accepted = AcceptedFinding("cfn-lint", "E1", (resource_types.KEY,), "a reason", message="a .*")
    finding = Finding("cfn-lint", "E1", resource_types.KEY, "keys-key", "Properties", "a fault")
    assert accepted.covers(finding)
    for other in (
        Finding("parliament", "E1", resource_types.KEY, "keys-key", "", "a fault"),
        Finding("cfn-lint", "E2", resource_types.KEY, "keys-key", "", "a fault"),
        Finding("cfn-lint", "E1", resource_types.ROLE, "keys-key", "", "a fault"),
        Finding("cfn-lint", "E1", resource_types.KEY, "keys-key", "", "not a fault"),
    ):
        assert not accepted.covers(other)


def test_an_accepted_finding_that_does_not_occur_is_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    accepted = AcceptedFinding("cfn-lint", "E1", (resource_types.KEY,), "a former reason")
    monkeypatch.setattr(linting, "ACCEPTED_FINDINGS", (accepted,))
    assert stale([]) == [accepted]
    assert stale([accepted]) == []

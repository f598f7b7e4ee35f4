"""AWS's own schemas judge the program; what is wrong in one thing, they find."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import pytest

from checks.cloudformation import linters as judging
from checks.cloudformation.__main__ import main, of_stack, stacks
from checks.cloudformation.finding import AcceptedFinding, Finding
from checks.cloudformation.linters import judge, stale
from checks.cloudformation.mapping import Part
from checks.cloudformation.table import TABLE
from checks.cloudformation.template import declared, template
from declared.program import DeclaredResource
from policies import resource_types
from tests.policies.matrix import Laboratory
from tests.policies.mutate import REMOVED, Change, Resources, add, alter, edit, elements, put

REGION = "ap-northeast-1"
START = "functions-workflow-start"
POLICY = f"{START}-policy"
MACHINE = "workflow-machine"
TASK = "definition.States.GenerateAll.ItemProcessor.States.GenerateTasks"
ITEMS = "definition.States.GenerateAll.Items"


@pytest.fixture(scope="session")
def program(lab: Laboratory) -> Resources:
    """What production declares, outputs as references."""
    return {each.name: each for each in declared("prod", lab.secrets)}


def around(names: Iterable[str], resources: Resources) -> list[DeclaredResource]:
    """Resources with what they refer to: all that judging them needs, in a tenth of the time."""
    wanted, pending = set[str](), list(names)
    by_urn = {each.urn: each.name for each in resources.values()}
    while pending:
        at = pending.pop()
        if at not in wanted:
            wanted.add(at)
            made_of = resources[at].property_dependencies.values()
            pending += [by_urn[urn] for urns in made_of for urn in urns if urn in by_urn]
            shape = TABLE.get(resources[at].type)
            if isinstance(shape, Part):
                pending += [name for name, each in resources.items() if each.type == shape.of]
    return [each for each in resources.values() if each.name in wanted]


def found(resources: Sequence[DeclaredResource], region: str = REGION) -> list[Finding]:
    """What nobody has explained."""
    return list(judge(resources, region).unexplained)


def after(change: Change, program: Resources) -> list[Finding]:
    """What is found in what a change touches."""
    changed = change(program)
    return found(around([n for n, each in changed.items() if each is not program.get(n)], changed))


@pytest.mark.soak  # make policy asks the same of every stack
def test_aws_objects_to_nothing_in_production_but_what_is_explained(program: Resources) -> None:
    judged = judge(list(program.values()), REGION)
    deployment = of_stack("deployment/prod")
    assert [*judged.unexplained, *deployment.unexplained] == []
    assert stale({*judged.explained, *deployment.explained}) == []


def test_every_stack_file_of_every_program_is_a_stack_to_judge() -> None:
    assert {"prod", "local", "deployment/prod", "examples/consumer/dev"} <= set(stacks())


@pytest.mark.soak
def test_the_command_counts_all_stacks_on_its_last_line(capfd: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    last = capfd.readouterr().out.splitlines()[-1]
    assert last.startswith(f"AWS's schemas: stacks {len(stacks())}, resources ")
    assert ", findings 0, explained " in last


OTHER_SETTINGS: dict[str, Any] = {
    "vpc": {"subnetIds": ["subnet-0a1b2c3d"], "securityGroupIds": ["sg-0a1b2c3d"]},
    "cognito": {"userPoolId": "ap-northeast-1_x", "clientIds": ["web"]},
    "alertEmails": ["a@example.com"],
    "corsOrigins": ["https://goals.example.com"],
    "customDomain": {
        "name": "api.example.com",
        "certificateArn": f"arn:aws:acm:{REGION}:123456789012:certificate/{'0' * 8}-0-0-0-0",
    },
    "generation": {"reservedConcurrency": 24},
    "table": {"billing": "provisioned"},
}
CHANGED_BY_THEM = (
    *["api-api", "api-authorizer", "api-domain", "api-domain-mapping", "executions-table"],
    *["alerting-alerts-a@example.com", "functions-task-generation", "functions-workflow-finish"],
    "functions-workflow-finish-policy",
)


def test_aws_objects_to_nothing_that_other_settings_declare(lab: Laboratory) -> None:
    texts = {key: json.dumps(value) for key, value in OTHER_SETTINGS.items()}
    others = {each.name: each for each in declared("prod", {**lab.secrets, **texts})}
    assert "users-pool" not in others
    assert found(around(CHANGED_BY_THEM, others)) == []


MUTANTS: list[tuple[str, Change, str]] = [
    ("a type that there is not", put(MACHINE, "type", "STANDART"), "E3030"),
    ("a runtime that is gone", put(START, "runtime", "python3.99"), "E3030"),
    ("less memory than the least", put(START, "memorySize", 64.0), "E3034"),
    ("a property that is misspelt", put(START, "memorySizes", 512.0), "E3002"),
    ("a function of 901 s", put(START, "timeout", 901.0), "E3717"),
    ("a zip without a handler", put(START, "handler", REMOVED), "W2533"),
    ("a retention that is no choice", put("workflow-log", "retentionInDays", 42.0), "E3030"),
    ("a key's id for its ARN", put(START, "kmsKeyArn", "${KeysKey}"), "E1041"),
    ("an output that there is not", put(START, "kmsKeyArn", "${KeysKey.Key}"), "E1010"),
    ("a role's name for its ARN", put(START, "role", "a-role"), "E3031"),
    (
        "a key of an index without its attribute",
        alter("executions-table", "attributes", lambda old: old[:-1]),
        "E3039",
    ),
    ("capacity on demand", put("executions-table", "readCapacity", 5.0), "E3638"),
    (
        "every 5 minute",
        put("reconciliation-sweep", "scheduleExpression", "rate(5 minute)"),
        "E3027",
    ),
    ("more than all", put("workflow-live", "routingConfigurations.0.weight", 101.0), "E3034"),
    (
        "concurrency of no alias",
        put("functions-task-generation-warm", "qualifier", "lively"),
        "no-words",
    ),
    (
        "a type that the table lacks",
        add("aws:s3/bucket:Bucket", "more", {"bucket": "more"}),
        "no-words",
    ),
    (
        "an action that there is not",
        edit(POLICY, "dynamodb:PutItem", elements(Action=["dynamodb:PutItems"])),
        "W3037",
    ),
    (
        "a service that there is not",
        edit(POLICY, "dynamodb:PutItem", elements(Action=["dynamdb:PutItem"])),
        "UNKNOWN_PREFIX",
    ),
    (
        "an operator that there is not",
        edit(POLICY, "dynamodb:PutItem", elements(Condition={"StringEqual": {"a": "b"}})),
        "E3510",
    ),
    (
        "a condition that the action never has",
        edit(POLICY, "dynamodb:PutItem", elements(Condition={"StringEquals": {"s3:prefix": "b"}})),
        "UNKNOWN_CONDITION_FOR_ACTION",
    ),
    ("a version of another day", put(POLICY, "policy.Version", "2012-10-18"), "INVALID_VERSION"),
    ("no document", put(POLICY, "policy", "{"), "no-words"),
    ("no definition", put(MACHINE, "definition", REMOVED), "engine"),
    ("JSONPath's field", put(MACHINE, f"{TASK}.InputPath", "$"), "E3601"),
    ("a state of no type", put(MACHINE, f"{TASK}.Type", "Tasks"), "E3601"),
    ("a state without an end", put(MACHINE, f"{TASK}.End", REMOVED), "E3601"),
    ("a time-out of nothing", put(MACHINE, f"{TASK}.TimeoutSeconds", 0), "E3601"),
    ("no such state", put(MACHINE, "definition.States.GenerateAll.Next", "Nowhere"), "engine"),
    ("no such jitter", put(MACHINE, f"{TASK}.Retry.0.JitterStrategy", "SOME"), "engine"),
    ("no JSONata", put(MACHINE, ITEMS, "{% $states.input.[ %}"), "expression"),
    ("no such function", put(MACHINE, ITEMS, "{% $flatten($states.input) %}"), "function"),
    (
        "$eval, which Step Functions lacks",
        put(MACHINE, ITEMS, "{% $eval($states.input) %}"),
        "function",
    ),
    ("a result before it is there", put(MACHINE, ITEMS, "{% $states.result %}"), "states"),
    (
        "an expression in a text",
        put(MACHINE, "definition.States.FinishFailed.Cause", "failed: {% $states.input %}"),
        "half-expression",
    ),
]


@pytest.mark.parametrize(("change", "rule"), [m[1:] for m in MUTANTS], ids=[m[0] for m in MUTANTS])
def test_the_judges_find_what_is_wrong(change: Change, rule: str, program: Resources) -> None:
    assert rule in {finding.rule for finding in after(change, program)}


def test_a_region_that_lacks_a_service_is_told(program: Resources) -> None:
    pool = around(["users-pool"], program)
    assert found(pool) == []
    (finding,) = found(pool, "cn-north-1")
    assert (finding.rule, finding.name) == ("E3006", "users-pool")


def test_an_output_that_the_table_does_not_name_is_told(lab: Laboratory) -> None:
    unknown = lab.program("prod")[START]
    ((resource, why),) = template([unknown]).untold
    assert resource is unknown
    assert "is made of an output that the table does not name" in why


def test_an_explanation_explains_only_its_own() -> None:
    known = AcceptedFinding("cfn-lint", "E1", (resource_types.KEY,), "a reason", message="a .*")
    finding = Finding("cfn-lint", "E1", resource_types.KEY, "keys-key", "Properties", "a fault")
    assert known.covers(finding)
    for other in (
        Finding("parliament", "E1", resource_types.KEY, "keys-key", "", "a fault"),
        Finding("cfn-lint", "E2", resource_types.KEY, "keys-key", "", "a fault"),
        Finding("cfn-lint", "E1", resource_types.ROLE, "keys-key", "", "a fault"),
        Finding("cfn-lint", "E1", resource_types.KEY, "keys-key", "", "not a fault"),
    ):
        assert not known.covers(other)


def test_an_explanation_of_nothing_is_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    vain = AcceptedFinding("cfn-lint", "E1", (resource_types.KEY,), "a reason that was one once")
    monkeypatch.setattr(judging, "ACCEPTED_FINDINGS", (vain,))
    assert stale([]) == [vain]
    assert stale([vain]) == []

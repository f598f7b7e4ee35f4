"""examples/consumer under the workflow's own policy pack, without an engine."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from checks.pack.analyzer import Analyzer, analyzer, resources_of
from declared.program import ROOT, Program, evaluate, stack_config
from declared.throwaway_secrets import throwaway_secrets
from tests.policies.mutate import Change, Resources, edit_statement, grant, set_input, with_elements

FOLDER = ROOT / "examples" / "consumer"
GIVEN = {
    "goal-news:userEmail": "news@example.com",
    "goal-news:userPassword": "a-throwaway-Password-1",
}
QUEUE_POLICY = "goal-news-dev-endings-policy"


@pytest.fixture(scope="module")
def program() -> Program:
    """The consumer's stack `dev` in a preview, beside the workflow's."""
    exports = evaluate("dev", throwaway_secrets()).exports
    references = {"organization/goal-mandala/dev": exports}
    return evaluate("dev", GIVEN, preview=True, folder=FOLDER, references=references)


@pytest.fixture(scope="module")
def pack() -> Iterator[Analyzer]:
    """The pack, for the consumer's stack."""
    config = {**stack_config("dev", FOLDER), **GIVEN}
    with analyzer("dev", config, ["goal-news:userPassword"]) as running:
        yield running


def violated(pack: Analyzer, resources: Resources) -> set[str]:
    """The policies that report a violation."""
    return {each.policy for each in pack.analyze_all(resources.values())}


def by_name(program: Program) -> Resources:
    """All resources; where two share a name, the second by its type too."""
    found: Resources = {}
    for each in resources_of(program):
        found[each.name if each.name not in found else f"{each.name} {each.type}"] = each
    return found


def test_the_consumer_violates_no_policy(pack: Analyzer, program: Program) -> None:
    assert violated(pack, by_name(program)) == set()


def test_the_consumers_role_is_granted_nothing_of_the_workflow(program: Program) -> None:
    (policy,) = [each for each in program.resources if each.type.endswith(":RolePolicy")]
    statements: list[dict[str, Any]] = json.loads(policy.inputs["policy"])["Statement"]
    assert "goal-mandala" not in json.dumps(statements)
    assert len(statements) > 4


MUTANTS: dict[str, tuple[str, Change]] = {
    "any topic may send": (
        "access-no-confused-deputy",
        edit_statement(QUEUE_POLICY, "sqs:SendMessage", with_elements(Condition={})),
    ),
    "any principal may send": (
        "access-no-open-principal",
        edit_statement(QUEUE_POLICY, "sqs:SendMessage", with_elements(Principal="*")),
    ),
    "another topic may send": (
        "stack-subscriptions-may-send",
        edit_statement(
            QUEUE_POLICY,
            "sqs:SendMessage",
            with_elements(
                Condition={
                    "ArnEquals": {
                        "aws:SourceArn": (
                            "arn:aws:sns:ap-northeast-1:123456789012:workflow-alerts-dev"
                        )
                    }
                }
            ),
        ),
    ),
    "the workflow of another environment": (
        "stack-grants-its-own",
        grant(
            "starter-policy",
            "states:StartExecution",
            "arn:aws:states:ap-northeast-1:123456789012:stateMachine:TaskGenerationWorkflow-prod",
        ),
    ),
    "a password in the environment": (
        "access-no-plain-secret",
        set_input("starter", "environment.variables.USER_PASSWORD", "a-throwaway-Password-1"),
    ),
    "no key for the queue": (
        "encryption-customer-key",
        set_input("goal-news-dev-endings", "kmsMasterKeyId", None),
    ),
}


@pytest.mark.parametrize("what", MUTANTS)
def test_the_pack_reports_the_violation(what: str, pack: Analyzer, program: Program) -> None:
    policy, change = MUTANTS[what]
    assert policy in violated(pack, change(by_name(program)))

"""The policy pack checks the deployment program too: every defect of a CI role is a violation."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from checks.pack.analyzer import Analyzer, analyzer, resources_of
from declared.program import Program, evaluate, stack_config
from policies.stack import resource_types
from tests.deployment.conftest import FOLDER, Deployment
from tests.policies.mutate import (
    Change,
    Resources,
    all_changes,
    declare,
    edit_input,
    edit_statement,
    grant,
    set_input,
    with_elements,
)

DEPLOY, DEPLOY_POLICY = "github-deploy", "github-deploy-policy"
READS, DEPLOY_READS = "github-reads", "github-deploy-reads"
ISSUER = "token.actions.githubusercontent.com"
SUBJECT = f"assumeRolePolicy.Statement.0.Condition.StringEquals.{ISSUER}:sub"
ACCOUNT = "123456789012"
DOMAIN = "api.example.com"
CERTIFICATES = f"arn:aws:acm:ap-northeast-1:{ACCOUNT}:certificate"


def violated(pack: Analyzer, resources: Resources) -> set[str]:
    """The policies that report a violation."""
    found = list(pack.analyze_all(resources.values()))
    assert all(each.mandatory for each in found), found
    return {each.policy for each in found}


def by_name(program: Program) -> Resources:
    """All resources, by name."""
    return {each.name: each for each in resources_of(program)}


@pytest.mark.parametrize("stack", ["staging", "prod"])
def test_the_deployment_program_violates_no_policy(stack: str, deployment: Deployment) -> None:
    with analyzer(stack, stack_config(stack, FOLDER), []) as pack:
        assert violated(pack, by_name(deployment(stack))) == set()


def test_the_deployment_program_violates_no_policy_in_dev(
    pack: Analyzer, deployment: Deployment
) -> None:
    assert violated(pack, by_name(deployment("dev"))) == set()


def test_a_custom_domain_violates_no_policy(pack: Analyzer) -> None:
    domain = {"name": DOMAIN, "certificateArn": f"{CERTIFICATES}/12345678-1234"}
    config = {"goal-mandala:customDomain": json.dumps(domain)}
    program = evaluate("dev", config, preview=True, folder=FOLDER)
    for name in (DEPLOY_POLICY, READS):
        assert f"/domainnames/{DOMAIN}" in by_name(program)[name].inputs["policy"]
    assert violated(pack, by_name(program)) == set()


def subjects(*values: str) -> Change:
    """Change the subjects of accepted tokens."""
    return _trust(lambda old: {**old, f"{ISSUER}:sub": list(values)})


def _trust(edited: Callable[[dict[str, Any]], dict[str, Any]]) -> Change:
    def change(old: dict[str, Any]) -> dict[str, Any]:
        return {**old, "Condition": {"StringEquals": edited(old["Condition"]["StringEquals"])}}

    return edit_statement(DEPLOY, "sts:AssumeRoleWithWebIdentity", change, "assumeRolePolicy")


def trusted(**changed: Any) -> Change:
    """Change elements of the trust."""
    action = "sts:AssumeRoleWithWebIdentity"
    return edit_statement(DEPLOY, action, with_elements(**changed), "assumeRolePolicy")


def without_condition(action: str, key: str) -> Change:
    """Drop a statement's condition on a key."""

    def change(old: dict[str, Any]) -> dict[str, Any]:
        kept = {
            operator: {k: v for k, v in keys.items() if k != key}
            for operator, keys in old["Condition"].items()
        }
        return {**old, "Condition": {operator: keys for operator, keys in kept.items() if keys}}

    return edit_statement(DEPLOY_POLICY, action, change)


def without_tags_of_mappings(statement: dict[str, Any]) -> dict[str, Any]:
    """The statement; without its conditions if it is on the tags of event source mappings."""
    is_on_tags = "lambda:ListTags" in statement["Action"] and any(
        ":event-source-mapping:" in each for each in statement["Resource"]
    )
    kept = statement.keys() - ({"Condition"} if is_on_tags else set[str]())
    return {name: statement[name] for name in kept}


ROLES = f"arn:aws:iam::{ACCOUNT}:role"
POLICIES = f"arn:aws:iam::{ACCOUNT}:policy"


def longer(policy: str, characters: int) -> Change:
    """Bring a policy to a number of characters without white space, by a statement's Sid."""

    def edited(old: str) -> str:
        document = json.loads(old)
        document["Statement"][0]["Sid"] = ""
        missing = characters - len("".join(json.dumps(document).split()))
        document["Statement"][0]["Sid"] = "s" * missing
        return json.dumps(document)

    return edit_input(policy, "policy", edited)


def attach(name: str) -> Change:
    """Attach the managed policy to the deploy role once more."""
    inputs = {
        "role": "goal-mandala-ci-dev-deploy",
        "policyArn": f"{POLICIES}/goal-mandala-ci-dev-reads",
    }
    return declare(resource_types.ROLE_POLICY_ATTACHMENT, name, inputs, beside=DEPLOY)


def without(name: str) -> Change:
    """Declare a resource no more."""
    return lambda old: {each: resource for each, resource in old.items() if each != name}


MUTANTS: dict[str, tuple[str, Change]] = {
    "any repository": ("iam-trust", _trust(lambda old: {f"{ISSUER}:aud": old[f"{ISSUER}:aud"]})),
    "every repository of an owner": ("iam-trust", subjects("repo:example/*:environment:dev")),
    "every branch": ("iam-trust", subjects("repo:example/goal-mandala:ref:refs/heads/main")),
    "any event": ("iam-trust", subjects("repo:example/goal-mandala:*")),
    "pull requests": ("iam-trust", subjects("repo:example/goal-mandala:pull_request")),
    "another environment": ("iam-trust", subjects("repo:example/goal-mandala:environment:prod")),
    "one of two is wrong": (
        "iam-trust",
        subjects(
            "repo:example/goal-mandala:environment:dev", "repo:example/other:ref:refs/heads/x"
        ),
    ),
    "any audience": ("iam-trust", _trust(lambda old: {f"{ISSUER}:sub": old[f"{ISSUER}:sub"]})),
    "a service beside it": (
        "iam-trust",
        trusted(
            Principal={
                "Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{ISSUER}",
                "Service": "lambda.amazonaws.com",
            }
        ),
    ),
    "another issuer": (
        "iam-trust",
        trusted(Principal={"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/example.com"}),
    ),
    "the account's users": (
        "iam-trust",
        trusted(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}),
    ),
    "assumed without a token": ("iam-trust", trusted(Action="sts:AssumeRole")),
    "every role": (
        "iam-no-wildcard-resource",
        edit_statement(READS, "iam:GetRole", with_elements(Resource=[f"{ROLES}/*"])),
    ),
    "another stack's roles": (
        "stack-grants-its-own",
        edit_statement(
            READS, "iam:GetRole", with_elements(Resource=[f"{ROLES}/goal-mandala-prod-*"])
        ),
    ),
    "CI's own role": (
        "iam-no-escalation",
        grant(
            DEPLOY_POLICY,
            ["iam:PutRolePolicy"],
            [f"{ROLES}/goal-mandala-ci-dev-deploy"],
            Condition={
                "StringEquals": {
                    "iam:PermissionsBoundary": (
                        f"arn:aws:iam::{ACCOUNT}:policy/goal-mandala-ci-dev-boundary"
                    )
                }
            },
        ),
    ),
    "roles without a boundary": (
        "iam-no-escalation",
        without_condition("iam:PutRolePolicy", "iam:PermissionsBoundary"),
    ),
    "roles within another boundary": (
        "iam-no-escalation",
        edit_statement(
            DEPLOY_POLICY,
            "iam:PutRolePolicy",
            with_elements(
                Condition={
                    "StringEquals": {
                        "iam:PermissionsBoundary": "arn:aws:iam::aws:policy/AdministratorAccess"
                    }
                }
            ),
        ),
    ),
    "a boundary that CI may rewrite": (
        "iam-no-escalation",
        grant(
            DEPLOY_POLICY,
            ["iam:CreatePolicyVersion"],
            [f"arn:aws:iam::{ACCOUNT}:policy/goal-mandala-ci-dev-boundary"],
        ),
    ),
    "any role passed": (
        "iam-pass-role",
        edit_statement(DEPLOY_POLICY, "iam:PassRole", with_elements(Resource=[f"{ROLES}/*"])),
    ),
    "a role passed to any service": (
        "iam-pass-role",
        without_condition("iam:PassRole", "iam:PassedToService"),
    ),
    "any function's code": (
        "iam-no-escalation",
        grant(DEPLOY_POLICY, ["lambda:UpdateFunctionCode"], ["*"]),
    ),
    "sources for any function": (
        "iam-no-escalation",
        without_condition("lambda:CreateEventSourceMapping", "lambda:FunctionArn"),
    ),
    "any key": (
        "iam-no-wildcard-resource",
        without_condition("kms:PutKeyPolicy", "aws:ResourceTag/Environment"),
    ),
    "any user pool": (
        "iam-no-wildcard-resource",
        without_condition("cognito-idp:DeleteUserPool", "aws:ResourceTag/Project"),
    ),
    "tags of any event source": (
        "iam-no-wildcard-resource",
        edit_input(
            READS,
            "policy.Statement",
            lambda old: [without_tags_of_mappings(each) for each in old],
        ),
    ),
    "any domain": (
        "iam-no-wildcard-resource",
        grant(
            DEPLOY_POLICY,
            ["apigateway:PATCH"],
            ["arn:aws:apigateway:ap-northeast-1::/domainnames/*"],
        ),
    ),
    "every action": ("iam-no-wildcard-action", grant(DEPLOY_POLICY, "*", "*")),
    "every action of a service": (
        "iam-no-wildcard-action",
        grant(DEPLOY_POLICY, "dynamodb:*", f"arn:aws:dynamodb:ap-northeast-1:{ACCOUNT}:table/x"),
    ),
    "a managed policy": (
        "iam-readable-grants",
        set_input(DEPLOY, "managedPolicyArns", ["arn:aws:iam::aws:policy/PowerUserAccess"]),
    ),
    "a misspelt action": (
        "iam-known-action",
        grant(DEPLOY_POLICY, "lambda:UpdateFunction", f"{ROLES}/goal-mandala-dev-*"),
    ),
    "too long": ("quota-role-policies", longer(DEPLOY_POLICY, 10_241)),
    "the managed policy too long": ("quota-role-policies", longer(READS, 6145)),
    "eleven managed policies": (
        "quota-role-policies",
        all_changes(*(attach(f"more-{n}") for n in range(10))),
    ),
    "AWS's managed policy": (
        "iam-readable-grants",
        set_input(DEPLOY_READS, "policyArn", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
    ),
    "a managed policy that is not declared": (
        "iam-readable-grants",
        set_input(DEPLOY_READS, "policyArn", f"{POLICIES}/goal-mandala-ci-dev-writes"),
    ),
    "another account's policy of that name": (
        "boundary-own-references",
        set_input(
            DEPLOY_READS, "policyArn", "arn:aws:iam::999999999999:policy/goal-mandala-ci-dev-reads"
        ),
    ),
    "another stack's managed policy": (
        "iam-readable-grants",
        set_input(DEPLOY_READS, "policyArn", f"{POLICIES}/goal-mandala-ci-prod-reads"),
    ),
    "the boundary as a grant": (
        "iam-readable-grants",
        set_input(DEPLOY_READS, "policyArn", f"{POLICIES}/goal-mandala-ci-dev-boundary"),
    ),
    "the managed policy on another role": (
        "iam-readable-grants",
        set_input(DEPLOY_READS, "role", "goal-mandala-dev-workflow-start-role"),
    ),
    "the managed policy on a role that is not declared": (
        "boundary-declared-names",
        all_changes(
            set_input(DEPLOY, "name", "goal-mandala-ci-dev-deployer"),
            set_input(DEPLOY_POLICY, "role", "goal-mandala-ci-dev-deployer"),
        ),
    ),
    "the managed policy missing": ("boundary-own-references", without(READS)),
    "the managed policy on a user": (
        "iam-readable-grants",
        declare(
            "aws:iam/userPolicyAttachment:UserPolicyAttachment",
            "person",
            {"user": "somebody", "policyArn": f"{POLICIES}/goal-mandala-ci-dev-reads"},
            beside=DEPLOY,
        ),
    ),
    "every attachment of the managed policy": (
        "iam-readable-grants",
        declare(
            "aws:iam/policyAttachment:PolicyAttachment",
            "everybody",
            {"name": "all", "policyArn": f"{POLICIES}/goal-mandala-ci-dev-reads"},
            beside=DEPLOY,
        ),
    ),
    "a managed policy that CI may attach": (
        "iam-no-escalation",
        grant(DEPLOY_POLICY, ["iam:AttachRolePolicy"], [f"{ROLES}/goal-mandala-dev-*"]),
    ),
    "a managed policy that CI may detach": (
        "iam-no-escalation",
        grant(DEPLOY_POLICY, ["iam:DetachRolePolicy"], [f"{ROLES}/goal-mandala-ci-dev-deploy"]),
    ),
    "a managed policy that CI may delete": (
        "iam-no-escalation",
        grant(DEPLOY_POLICY, ["iam:DeletePolicy"], [f"{POLICIES}/goal-mandala-ci-dev-reads"]),
    ),
}


@pytest.mark.parametrize("what", MUTANTS)
def test_the_pack_reports_the_violation(what: str, pack: Analyzer, deployment: Deployment) -> None:
    policy, change = MUTANTS[what]
    assert policy in violated(pack, change(by_name(deployment("dev"))))


NEAR_MISSES: dict[str, Change] = {
    "a repository with ids": subjects("repo:example@12/goal-mandala@345:environment:dev"),
    "an environment of the stack's": subjects("repo:example/goal-mandala:environment:dev-canary"),
    "one exact role": all_changes(
        edit_statement(
            READS,
            "iam:GetRole",
            with_elements(Resource=[f"{ROLES}/goal-mandala-dev-x-role"]),
        ),
        set_input(DEPLOY, "maxSessionDuration", 7200),
    ),
    "an inline policy of 10,240 characters": longer(DEPLOY_POLICY, 10_240),
    "a managed policy of 6,144 characters": longer(READS, 6144),
    "ten managed policies": all_changes(*(attach(f"more-{n}") for n in range(9))),
}


@pytest.mark.parametrize("what", NEAR_MISSES)
def test_the_pack_accepts_the_near_miss(what: str, pack: Analyzer, deployment: Deployment) -> None:
    assert violated(pack, NEAR_MISSES[what](by_name(deployment("dev")))) == set()


def test_the_exceptions_for_ci_do_not_apply_to_the_workflows_roles(
    pack: Analyzer, deployment: Deployment
) -> None:
    program = by_name(deployment("dev"))
    role = program[DEPLOY_POLICY]
    urn = role.urn.replace("::goal-mandala-deployment::", "::goal-mandala::")
    elsewhere = {**program, DEPLOY_POLICY: replace(role, urn=urn)}
    assert {"iam-no-wildcard-resource", "iam-no-escalation", "iam-pass-role"} <= violated(
        pack, elsewhere
    )

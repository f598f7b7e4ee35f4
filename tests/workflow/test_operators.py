"""The operators' two roles: who gets a session, and what each may not do."""

from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

from components.iam.operator_calls import ACT, LOOK
from ops import cli
from tests.workflow.api import sign_in_all, until_it_ends
from tests.workflow.every_call import at_work
from tests.workflow.operators import COMMANDS, NAMES, OTHERS, Session, assumed, run
from tests.workflow.stage import Stage

ROLES = ("look", "act")


def test_every_command_has_its_line_and_is_run_as_its_role() -> None:
    lines = {name.partition(" --")[0] for name in (*LOOK, *ACT, *OTHERS)}
    assert {each.name for each in cli.COMMANDS} == lines, (
        "python -m tests.workflow.operators lists what is missing"
    )
    assert set(COMMANDS) == {*LOOK, *ACT}
    assert not set(LOOK) & set(ACT)


@pytest.mark.parametrize("kind", ROLES)
def test_a_session_needs_a_second_factor(stage: Stage, kind: str) -> None:
    role = NAMES.operator_role(kind)
    for code in ("", "no code"):
        with pytest.raises(ClientError, match="AccessDenied"):
            assumed(stage, role, code=code)
    assert (
        assumed(stage, role)
        .client("sts")
        .get_caller_identity()["Arn"]
        .endswith(f":assumed-role/{role}/operator")
    )


@pytest.mark.parametrize("kind", ROLES)
def test_nobody_else_gets_a_session(stage: Stage, kind: str) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        assumed(stage, NAMES.operator_role(kind), user="somebody")


@pytest.fixture
def running(stage: Stage) -> Iterator[str]:
    """An execution at work."""
    owner, execution = sign_in_all(stage).owner, at_work(stage)
    yield execution
    owner.cancel(execution)
    until_it_ends(owner, execution)


def _session(stage: Stage, kind: str) -> Session:
    return assumed(stage, NAMES.operator_role(kind))


def test_whoever_looks_stops_nothing_and_is_told_which_permission_that_takes(
    stage: Stage, running: str
) -> None:
    role = NAMES.operator_role("look")
    stage.expected_refusals.add((role, "states:StopExecution"))
    done = run(stage, _session(stage, "look"), f"executions stop {running} --cause drill --yes")
    assert done.status == 1
    assert f"assumed-role/{role}/operator may not call states:StopExecution on " in done.output
    shown = run(stage, _session(stage, "look"), f"executions show {running}")
    assert "RUNNING" in shown.output


def test_neither_deletes_a_function_or_reads_a_secret(stage: Stage) -> None:
    function = f"{NAMES.prefix}-workflow-status"
    for kind in ROLES:
        session, role = _session(stage, kind), NAMES.operator_role(kind)
        refused = ("lambda:DeleteFunction", "secretsmanager:GetSecretValue", "dynamodb:DeleteItem")
        stage.expected_refusals.update((role, action) for action in refused)
        with pytest.raises(ClientError, match="AccessDenied"):
            session.client("lambda").delete_function(FunctionName=function)
        with pytest.raises(ClientError, match="AccessDenied"):
            session.client("secretsmanager").get_secret_value(
                SecretId=f"{NAMES.prefix}-database-url"
            )
        with pytest.raises(ClientError, match="AccessDenied"):
            session.client("dynamodb").delete_item(
                TableName=NAMES.table, Key={"pk": {"S": "x"}, "sk": {"S": "execution"}}
            )
    assert stage.state.client("lambda").get_function(FunctionName=function)

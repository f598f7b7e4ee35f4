"""Every command meets every obstacle between an operator and AWS with one sentence and the fix."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore import exceptions as aws
from botocore.exceptions import ClientError

from ops import cli, settings, stack

ID = "0192f0c1-7a00-7000-8000-000000000001"
ACCOUNT = "123456789012"
ARGUMENTS = {
    "backup create": [],
    "backup list": [],
    "doctor": [],
    "executions list": [],
    "executions retry": [ID, "--yes"],
    "executions show": [ID],
    "executions stop": [ID, "--cause", "drill", "--yes"],
    "executions watch": [ID],
    "goal": [ID],
    "logs": [],
    "maintenance": ["daily"],
    "preflight": [],
    "prune": [],
    "query": ["slowest-actions"],
    "restore table": ["--to-time", "1h", "--yes"],
    "rollback": ["--newest", "--yes", "--no-pin"],
    "support-bundle": [ID],
    "trace": [ID],
    "tune memory": ["workflow-status", "--yes"],
    "tune settings": [],
    "verify": [],
}
"""Command -> the arguments that it needs."""

OTHERS = {
    "backup verify": "it reads a file",
    "psql": "it calls nothing of AWS",
    "restore all": "it reads its archive before it asks AWS",
}
"""Commands that meet no such obstacle here -> why."""

COMMANDS = sorted(ARGUMENTS)
Answer = dict[str, Any] | Exception


def refused(code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "AnyOperation")


DENIED = refused(
    "AccessDeniedException",
    f"User: arn:aws:sts::{ACCOUNT}:assumed-role/nobody/me is not authorized to perform:"
    " dynamodb:Query on resource: arn:aws:dynamodb:ap-northeast-1:123456789012:table/T because no"
    " identity-based policy allows the dynamodb:Query action",
)


class Client:
    """A client that answers GetCallerIdentity, and raises one error at any other call."""

    def __init__(self, caller: Answer, error: Exception) -> None:
        self._caller = caller
        self._error = error

    def get_caller_identity(self) -> dict[str, Any]:
        if isinstance(self._caller, Exception):
            raise self._caller
        return self._caller

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*_args: Any, **_options: Any) -> Any:
            raise self._error

        return call


@pytest.fixture
def caller(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes AWS know the caller, or refuse it; every other call raises an error."""
    monkeypatch.setenv("AWS_PROFILE", "night")
    for name in ("AWS_REGION", "AWS_ACCOUNT_ID"):
        monkeypatch.delenv(name, raising=False)

    def known(who: Answer, error: Exception = DENIED) -> None:
        class Session:
            def __init__(self, **_options: str) -> None:
                pass

            def client(self, _service: str) -> Client:
                return Client(who, error)

        monkeypatch.setattr(boto3, "Session", Session)

    return known


Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command on dev: exit status, and all that it printed."""

    def run(command: str, *more: str, stack: str = "dev") -> tuple[int, str]:
        status = cli.main([*command.split(), *ARGUMENTS[command], "--stack", stack, *more])
        shown = capsys.readouterr()
        return status, shown.out + shown.err

    return run


OWN = {"Account": ACCOUNT, "Arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/nobody/me"}


def test_every_command_that_asks_aws_is_tried() -> None:
    assert set(ARGUMENTS) == {each.name for each in cli.COMMANDS} - {*OTHERS}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("who", "fix"),
    [
        ({"Account": "999999999999"}, "use that account's credentials"),
        (refused("ExpiredToken", "expired"), "aws sso login --profile night"),
        (aws.UnauthorizedSSOTokenError(), "aws sso login --profile night"),
        (aws.NoCredentialsError(), "export AWS_PROFILE=NAME"),
        (aws.EndpointConnectionError(endpoint_url="https://x"), "network, proxy and region"),
    ],
    ids=["another account", "expired", "signed out", "no credentials", "no network"],
)
def test_an_obstacle_before_the_first_call(
    command: str, who: Answer, fix: str, caller: Callable[..., None], run: Run
) -> None:
    caller(who)
    status, shown = run(command)
    assert status == 1
    (said,) = [line for line in shown.splitlines() if fix in line]
    assert "Traceback" not in shown
    assert command == "preflight" or shown == f"{said}\n"


@pytest.mark.parametrize("command", COMMANDS)
def test_a_profile_that_no_file_has(
    command: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, run: Run
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nights")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    status, shown = run(command)
    assert status == 1
    assert "AWS_PROFILE nights is in no AWS configuration file: `aws configure" in shown


@pytest.mark.parametrize("command", COMMANDS)
def test_another_region(
    command: str, monkeypatch: pytest.MonkeyPatch, caller: Callable[..., None], run: Run
) -> None:
    caller(OWN)
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    status, shown = run(command)
    assert status == 1
    assert "AWS_REGION = us-east-1, but aws:region of stack dev is ap-northeast-1" in shown


@pytest.mark.parametrize("command", COMMANDS)
def test_an_unknown_stack(command: str, run: Run) -> None:
    status, shown = run(command, stack="qa")
    assert status == 2
    assert "--stack qa: unknown stack, allowed are local, dev, staging, prod" in shown


@pytest.mark.parametrize("command", COMMANDS)
def test_a_missing_permission(command: str, caller: Callable[..., None], run: Run) -> None:
    caller(OWN)
    status, shown = run(command)
    assert status == 1
    assert "assumed-role/nobody/me may not call dynamodb:Query on arn:aws:dynamodb:" in shown
    assert "use a profile with the role goal-mandala-STACK-operator-look, which may." in shown
    assert "Traceback" not in shown


@pytest.mark.parametrize("command", [each for each in COMMANDS if each != "verify"])
def test_a_stack_that_is_not_deployed(command: str, caller: Callable[..., None], run: Run) -> None:
    caller(OWN, refused("ResourceNotFoundException", "there is no such thing"))
    status, shown = run(command)
    assert status == 1
    assert "Traceback" not in shown
    assert "verify" in shown or command == "preflight"


@pytest.mark.parametrize("command", COMMANDS)
def test_with_json_an_obstacle_is_an_object(
    command: str,
    caller: Callable[..., None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    caller({"Account": "999999999999"})
    line = [*command.split(), *ARGUMENTS[command], "--stack", "dev", "--json"]
    assert cli.main(line) == 1
    answer = json.loads(capsys.readouterr().out)
    assert "account 999999999999" in answer["failure" if command == "preflight" else "error"]


@pytest.mark.parametrize(
    ("config", "fix"),
    [
        ({}, "Pulumi.dev.yaml lacks goal-mandala:accountId: pulumi config set --stack dev"),
        ({"goal-mandala:accountId": ACCOUNT}, "Pulumi.dev.yaml lacks aws:region"),
    ],
)
def test_a_stack_file_without_the_place(
    config: dict[str, str], fix: str, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    def configured(_stack: str) -> dict[str, str]:
        return config

    monkeypatch.setattr(stack, "stack_config", configured)
    status, shown = run("executions list")
    assert status == 1
    assert fix in shown


def test_a_checkout_without_the_stacks_file(monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    def missing(_stack: str) -> dict[str, str]:
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr(stack, "stack_config", missing)
    status, shown = run("executions list")
    assert status == 1
    assert shown == (
        "Pulumi.dev.yaml: No such file or directory: run this in a checkout that has the stack's"
        " file\n"
    )


def test_an_operator_without_a_second_factor_is_told_of_it(
    caller: Callable[..., None], run: Run
) -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/goal-mandala-dev-operator-act"
    caller(
        refused(
            "AccessDenied",
            f"User: arn:aws:iam::{ACCOUNT}:user/alice is not authorized to perform: sts:AssumeRole"
            f" on resource: {role}",
        )
    )
    status, shown = run("rollback")
    assert status == 1
    assert "setting operators, and has the profile its mfa_serial?" in shown


def test_a_setting_that_is_not_usable_is_named(
    caller: Callable[..., None], monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    def configured(_stack: str) -> dict[str, str]:
        return {
            "goal-mandala:accountId": ACCOUNT,
            "aws:region": "ap-northeast-1",
            "goal-mandala:batchSize": "0",
        }

    caller({**OWN}, refused("ThrottlingException", "slow"))
    monkeypatch.setattr(settings, "stack_config", configured)
    status, shown = run("preflight")
    assert status == 1
    assert "goal-mandala:batchSize = 0" in shown
    assert "Traceback" not in shown

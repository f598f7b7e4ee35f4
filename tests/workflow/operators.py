"""Every command of `python -m ops` as the role that it is for.

    python -m tests.workflow.operators

runs each on a new cloud as a role that may do anything, and prints what the table of
components/iam/operator_calls.py lacks or has too much: what to add after a new command.
"""

import io
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psycopg
from rich.console import Console

from checks.least_privilege.calls import FREE, read
from checks.least_privilege.comparison import judge
from components.iam.documents import allow, document
from components.iam.operator_calls import ACT, LOOK
from components.iam.operator_grants import policy_of, trust_operators
from localcloud.aws.clients import ACCOUNT_ID, Credentials, client
from localcloud.cluster.cloud import Cloud
from localcloud.cluster.servers import emulator_of
from localcloud.cluster.steps import Steps
from localcloud.cluster.users import DEMO_USER
from ops import audit, cli
from ops.commands import options
from ops.maintenance.checklist import DAYS
from ops.rollback.versions import FUNCTION_NAMES
from ops.stack import Canary, Stack
from tests.workflow.operator_scene import (
    NAMES,
    Scene,
    back_up,
    get_stuck,
    new_scene,
    publish,
    restore_all,
    restore_table,
)
from tests.workflow.stage import Stage

USER = f"arn:aws:iam::{ACCOUNT_ID}:user/operator"
"""Whom the stacks of tests let assume the two roles."""

SETTINGS = {"operators": f'["{USER}"]'}
_WIDE = "ops-"
"""How the roles begin that may do anything, before a command's name."""


COMMANDS: dict[str, Callable[[Scene], Iterable[str]]] = {
    # command -> command lines, in the order in which they are run
    "goal": lambda scene: (scene.busy,),
    "executions stop": lambda scene: (f"{scene.running} --cause drill --yes",),
    "backup create": back_up,
    "backup list": lambda scene: (f"--folder {scene.folder}",),
    "restore table": restore_table,
    "restore all": restore_all,
    "executions list": lambda scene: ("", f"--goal {scene.goal}", "--archived"),
    "executions show": lambda scene: (scene.ended, f"{scene.ended} --archived"),
    "executions watch": lambda scene: (scene.ended,),
    "doctor": lambda _: ("",),
    "doctor --yes": get_stuck,
    "logs": lambda _: ("",),
    "query": lambda scene: tuple(f"{name} --execution {scene.ended}" for name in _queries()),
    "trace": lambda scene: (f"{scene.ended} --output /dev/null",),
    "support-bundle": lambda scene: (f"--output {scene.folder}/bundle.zip",),
    "tune settings": lambda _: ("",),
    "maintenance": lambda scene: tuple(f"{each} --folder {scene.folder}" for each in DAYS),
    "verify": lambda _: ("",),
    "executions retry": lambda scene: (f"{scene.ended} --yes",),
    "rollback": lambda _: ("--newest --yes --no-pin", f"{_to_the_first()} --yes --no-pin"),
    "verify --canary": lambda _: ("--yes",),
    "prune": lambda _: ("--keep 2 --delete --yes",),
}


OTHERS = {
    "backup verify": "it reads a file, and calls nothing of AWS",
    "preflight": "it is run before the first deployment, by whoever deploys",
    "psql": "it calls nothing of AWS",
    "tune memory": "it changes a function's configuration: whoever may, runs code of their own",
}
"""Commands that neither role is for -> why."""

_BY_AWS = "DynamoDB does it in the caller's name: checks/least_privilege/services.py"
_NOT_HERE = {
    ("doctor --yes", "states:StopExecution"): "nothing here is overdue",
    ("executions stop", "lambda:InvokeFunction"): "no event is lost here",
    ("executions list", "s3:GetObject"): "nothing here is old enough to be archived",
    ("restore table", "dynamodb:TagResource"): "the embedded cloud's tables have no tags",
    **{
        (command, f"backup:{each}"): "backups are off in the local stack"
        for command in ("restore all", "verify", "verify --canary")
        for each in (
            "DescribeBackupVault",
            "GetBackupPlan",
            "GetBackupSelection",
            "ListBackupPlans",
            "ListBackupSelections",
        )
    },
    **{
        ("restore table", f"dynamodb:{each}"): _BY_AWS
        for each in ("DeleteItem", "GetItem", "Query", "UpdateItem")
    },
}
"""(Command, action) that a run here does not make -> why."""


def _queries() -> list[str]:
    from components.monitoring.saved_queries import saved_queries

    return [query.key for query in saved_queries(NAMES)]


def _to_the_first() -> str:
    return " ".join(f"--to {name}=1" for name in ("state-machine", *FUNCTION_NAMES))


@dataclass(frozen=True)
class Session:
    """Clients under a role's credentials."""

    stage: Stage
    credentials: Credentials

    def client(self, service: str) -> Any:
        """A client of the cloud."""
        return client(service, self.stage.state.endpoint, self.credentials)


def operate(stage: Stage) -> None:
    """Run every command as its role."""
    sessions = {kind: assumed(stage, NAMES.operator_role(kind)) for kind in ("look", "act")}
    _run_all(stage, lambda command: sessions["look" if command in LOOK else "act"])


def _run_all(stage: Stage, session_of: Callable[[str], Session]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        publish(stage)  # before the scene, whose execution must still run when it is stopped
        scene = new_scene(stage, Path(folder))
        for command, lines in COMMANDS.items():
            for line in lines(scene):
                done = run(stage, session_of(command), f"{command} {line}")
                assert "may not call" not in done.output, done.output


@dataclass(frozen=True)
class Done:
    """A command's exit status and all that it printed."""

    status: int
    output: str


def run(stage: Stage, session: Session, line: str) -> Done:
    """Run one command line on the local stack under a session."""
    owner, goal = stage.state.users[DEMO_USER].id, next(iter(stage.state.demo_goals.values()))
    packages = stage.calls.parents[1] / "packages"
    stack = Stack(NAMES, session, None, packages, canary=Canary(owner, goal))
    printed = io.StringIO()
    with (
        tempfile.TemporaryDirectory() as folder,
        patch.object(options, "open_local_stack", lambda: stack),
        patch.object(audit, "FOLDER", Path(folder)),
        redirect_stdout(printed),
        redirect_stderr(printed),
    ):
        status = cli.main([*line.split(), "--local"])
    return Done(status, printed.getvalue())


def assumed(stage: Stage, role: str, *, user: str = "operator", code: str = "123456") -> Session:
    """A session of a role, as a user of the account begins it, with a second factor."""
    iam = stage.state.client("iam")
    if user not in {each["UserName"] for each in iam.list_users()["Users"]}:
        iam.create_user(UserName=user)
        # on AWS a trust policy that names the user is enough (IAM User Guide: roles, same account)
        may = document([allow(["sts:AssumeRole"], ["*"])])
        iam.put_user_policy(UserName=user, PolicyName="assume", PolicyDocument=may)
    key = iam.create_access_key(UserName=user)["AccessKey"]
    sts = client(
        "sts", stage.state.endpoint, Credentials(key["AccessKeyId"], key["SecretAccessKey"])
    )
    factor = {"SerialNumber": f"arn:aws:iam::{ACCOUNT_ID}:mfa/{user}", "TokenCode": code}
    got = sts.assume_role(
        RoleArn=f"arn:aws:iam::{ACCOUNT_ID}:role/{role}",
        RoleSessionName=user,
        **(factor if code else {}),
    )["Credentials"]
    return Session(
        stage, Credentials(got["AccessKeyId"], got["SecretAccessKey"], got["SessionToken"])
    )


def _problems(stage: Stage) -> Iterator[str]:
    """What the table lacks, or has too much, by the calls of roles that may do anything."""
    commands = {each.name for each in cli.COMMANDS}
    for name in sorted(commands - {*LOOK, *ACT, *OTHERS}):
        yield f"{name}: no line in components/iam/operator_calls.py, nor in OTHERS here"
    for name in sorted(({*LOOK, *ACT} | commands) - {*OTHERS, *COMMANDS}):
        yield f"{name}: no command line in tests/workflow/operators.py"

    @cache
    def wide(command: str) -> Session:
        role, iam = _WIDE + command.replace(" ", "-"), stage.state.client("iam")
        iam.create_role(RoleName=role, AssumeRolePolicyDocument=trust_operators([USER]))
        everything = document([allow(["*"], ["*"])])
        iam.put_role_policy(RoleName=role, PolicyName="all", PolicyDocument=everything)
        return assumed(stage, role)

    _run_all(stage, wide)
    recorded = read(stage.calls).allowed
    for command in COMMANDS:
        line = policy_of((LOOK | ACT)[command], NAMES)
        calls = [each for each in recorded if each.principal == _WIDE + command.replace(" ", "-")]
        allows = judge(line)
        for call in calls:
            if call.action != FREE and not allows(call):
                yield f"{command}: never granted: {call.action} on {call.resource}"
        used = {call.action for call in calls}
        for statement in line:
            for action in set(statement["Action"]) - used:
                if not action.startswith("kms:") and (command, action) not in _NOT_HERE:
                    yield f"{command}: never used: {action}"


def main() -> int:
    """1 if the table lacks something or has too much."""
    steps = Steps(Console(file=io.StringIO()))
    with tempfile.TemporaryDirectory() as folder:
        cloud = Cloud(Path(folder) / "cloud", SETTINGS)
        try:
            state, _ = cloud.up(steps)
            with psycopg.connect(state.database_url, autocommit=True) as conn:
                stage = Stage(state, conn, emulator_of(cloud.folder).calls)
                found = [*_problems(stage)]
        finally:
            cloud.down(steps)
    sys.stdout.writelines(f"{each}\n" for each in found or ["nothing is missing, nothing unused"])
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

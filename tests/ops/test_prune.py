"""Old versions are deleted; what is in use, and what a rollback needs, is not."""

import io
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from components.names import ALIAS, Names
from handlers.contract.functions import FUNCTIONS, TASK_GENERATION
from ops import audit, cli
from ops.commands import options
from ops.problems import OperatorError
from ops.prune import Version, delete_versions, kept_versions, old_versions, removable
from ops.stack import Stack

NAMES = Names("prod", "123456789012", "ap-northeast-1")
GENERATION = NAMES.function(TASK_GENERATION)
WHO = "arn:aws:sts::123456789012:assumed-role/goal-mandala-prod-operator-act/alice"
MACHINE = NAMES.state_machine_arn


@dataclass
class Functions:
    """Lambda: 6 versions of each function; `live` points at 6, of task-generation at 2 and 3."""

    deleted: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    def get_paginator(self, operation: str) -> "Pages":
        return Pages(operation)

    def delete_function(self, *, FunctionName: str, Qualifier: str) -> None:  # noqa: N803
        self.deleted.append((FunctionName, Qualifier))


@dataclass(frozen=True)
class Pages:
    """The pages of one list."""

    operation: str

    def paginate(self, *, FunctionName: str) -> Iterator[dict[str, Any]]:  # noqa: N803
        arn = f"arn:aws:lambda:ap-northeast-1:123456789012:function:{FunctionName}"
        is_generation = FunctionName == GENERATION
        if self.operation == "list_versions_by_function":
            yield {"Versions": [{"Version": "$LATEST", "FunctionArn": f"{arn}:$LATEST"}]}
            yield {
                "Versions": [{"Version": f"{n}", "FunctionArn": f"{arn}:{n}"} for n in range(1, 7)]
            }
        elif self.operation == "list_aliases":
            weights = {"AdditionalVersionWeights": {"3": 0.1}} if is_generation else {}
            version = "2" if is_generation else "6"
            yield {
                "Aliases": [{"Name": ALIAS, "FunctionVersion": version, "RoutingConfig": weights}]
            }
        else:
            configs = [{"FunctionArn": f"{arn}:{qualifier}"} for qualifier in ("live", "1")]
            yield {"ProvisionedConcurrencyConfigs": configs if is_generation else []}


@dataclass
class Machines:
    """Step Functions: 6 versions in two pages; `live` points at 6 and 2."""

    deleted: list[str] = field(default_factory=list[str])

    def list_state_machine_versions(
        self,
        *,
        stateMachineArn: str,  # noqa: N803
        nextToken: str = "",  # noqa: N803
    ) -> dict[str, Any]:
        numbers = range(3, 0, -1) if nextToken else range(6, 3, -1)
        page = {
            "stateMachineVersions": [
                {"stateMachineVersionArn": f"{stateMachineArn}:{n}"} for n in numbers
            ]
        }
        return page if nextToken else {**page, "nextToken": "more"}

    def list_state_machine_aliases(self, *, stateMachineArn: str) -> dict[str, Any]:  # noqa: N803
        return {"stateMachineAliases": [{"stateMachineAliasArn": f"{stateMachineArn}:{ALIAS}"}]}

    def describe_state_machine_alias(self, *, stateMachineAliasArn: str) -> dict[str, Any]:  # noqa: N803
        machine = stateMachineAliasArn.removesuffix(f":{ALIAS}")
        routes = [{"stateMachineVersionArn": f"{machine}:{n}", "weight": 50} for n in (6, 2)]
        return {"routingConfiguration": routes}

    def delete_state_machine_version(self, *, stateMachineVersionArn: str) -> None:  # noqa: N803
        self.deleted.append(stateMachineVersionArn)


class Callers:
    """STS."""

    def get_caller_identity(self) -> dict[str, str]:
        return {"Arn": WHO}


@dataclass
class Session:
    """The services."""

    functions: Functions = field(default_factory=Functions)
    machines: Machines = field(default_factory=Machines)

    def client(self, service: str) -> Any:
        known = {"lambda": self.functions, "stepfunctions": self.machines, "sts": Callers()}
        return known[service]


@pytest.fixture
def session() -> Session:
    """AWS after six deployments."""
    return Session()


def test_old_versions_are_deleted_unless_they_are_in_use(session: Session) -> None:
    stack = Stack(NAMES, session)
    delete_versions(stack, old_versions(stack, 2))
    deleted = {NAMES.function(spec): ["1", "2", "3", "4"] for spec in FUNCTIONS}
    # 1 has provisioned concurrency, 2 and 3 share the alias
    deleted[GENERATION] = ["4"]
    assert session.functions.deleted == [(n, v) for n, numbers in deleted.items() for v in numbers]
    assert session.machines.deleted == [f"{MACHINE}:{number}" for number in (1, 3, 4)]


def test_fewer_versions_than_are_kept_are_all_kept(session: Session) -> None:
    assert old_versions(Stack(NAMES, session), 10) == []


@pytest.fixture
def asked(
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> Callable[..., tuple[int, str]]:
    """Runs the command on prod: exit status, and what it printed."""

    def opened(_name: str) -> Stack:
        return Stack(NAMES, session)

    monkeypatch.setattr(options, "open_aws_stack", opened)
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    monkeypatch.setattr(audit, "FOLDER", tmp_path)

    def ask(*arguments: str) -> tuple[int, str]:
        status = cli.main(["prune", "--stack", "prod", "--keep", "2", *arguments])
        return status, capsys.readouterr().out

    return ask


def test_without_the_option_they_are_only_listed(
    session: Session, asked: Callable[..., tuple[int, str]], tmp_path: Path
) -> None:
    status, printed = asked("--json")
    listed = json.loads(printed)
    assert (status, listed["deleted"], listed["audit"]) == (0, False, "")
    machine = {"owner": NAMES.state_machine, "number": 1, "arn": f"{MACHINE}:1"}
    assert machine in listed["versions"]
    assert session.functions.deleted == []
    assert session.machines.deleted == []
    assert not list(tmp_path.iterdir())


def test_prod_asks_for_its_name_and_keeps_a_line_of_who_deleted_what(
    session: Session, asked: Callable[..., tuple[int, str]], tmp_path: Path
) -> None:
    assert asked("--delete", "--yes")[0] == 1
    assert session.functions.deleted == []
    assert not list(tmp_path.iterdir())
    status, printed = asked("--delete", "--confirm", "prod", "--json")
    assert status == 0
    assert f"delete versions: {NAMES.function(FUNCTIONS[0])} 1" in json.loads(printed)["audit"]
    assert len(session.machines.deleted) == 3
    line = json.loads((tmp_path / "audit-prod.jsonl").read_text())
    assert line["who"] == WHO
    assert NAMES.state_machine in line["what"]


@pytest.mark.parametrize("keep", [1, 0, -1])
def test_a_rollback_keeps_a_version_to_go_back_to(keep: int) -> None:
    with pytest.raises(OperatorError, match=f"--keep {keep}: at least 2"):
        removable([Version("a", 1, "a:1")], set(), keep)


def test_the_stacks_setting_says_how_many_are_kept() -> None:
    assert kept_versions("prod") == 10

"""Old versions are deleted; what is in use, and what a rollback needs, is not."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from components.names import ALIAS, Names
from handlers.contract.functions import FUNCTIONS, TASK_GENERATION
from ops.problems import OperatorError
from ops.prune import Version, kept_versions, prune, removable
from ops.stack import Stack

NAMES = Names("prod", "123456789012", "ap-northeast-1")
GENERATION = NAMES.function(TASK_GENERATION)
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


@dataclass
class Session:
    """Both services."""

    functions: Functions = field(default_factory=Functions)
    machines: Machines = field(default_factory=Machines)

    def client(self, service: str) -> Functions | Machines:
        return self.functions if service == "lambda" else self.machines


@pytest.fixture
def session() -> Session:
    """AWS after six deployments."""
    return Session()


def test_old_versions_are_deleted_unless_they_are_in_use(session: Session) -> None:
    prune(Stack(NAMES, session), 2, delete=True)
    deleted = {NAMES.function(spec): ["1", "2", "3", "4"] for spec in FUNCTIONS}
    # 1 has provisioned concurrency, 2 and 3 share the alias
    deleted[GENERATION] = ["4"]
    assert session.functions.deleted == [(n, v) for n, numbers in deleted.items() for v in numbers]
    assert session.machines.deleted == [f"{MACHINE}:{number}" for number in (1, 3, 4)]


def test_without_the_option_they_are_only_listed(session: Session) -> None:
    listed = prune(Stack(NAMES, session), 2, delete=False)
    assert Version(NAMES.state_machine, 1, f"{MACHINE}:1") in listed
    assert session.functions.deleted == []
    assert session.machines.deleted == []


def test_fewer_versions_than_are_kept_are_all_kept(session: Session) -> None:
    assert prune(Stack(NAMES, session), 10, delete=True) == []


@pytest.mark.parametrize("keep", [1, 0, -1])
def test_a_rollback_keeps_a_version_to_go_back_to(keep: int) -> None:
    with pytest.raises(OperatorError, match=f"--keep {keep}: at least 2"):
        removable([Version("a", 1, "a:1")], set(), keep)


def test_the_stacks_setting_says_how_many_are_kept() -> None:
    assert kept_versions("prod") == 10

"""Compares the program's grants with the calls of a cloud (`make grants`)."""

import io
import json
import sys
import tempfile
from collections.abc import Mapping, Set
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psycopg
from rich.console import Console

from checks.least_privilege.calls import Call, calls_in_stack, read
from checks.least_privilege.comparison import Comparison, compare
from checks.least_privilege.grants import Grant, grants_of
from checks.least_privilege.report import counts, problems, render
from checks.least_privilege.services import plain_http, service_calls
from checks.least_privilege.stack import DeclaredStack, declared_stack
from localcloud.cluster.cloud import Cloud
from localcloud.cluster.servers import emulator_of
from localcloud.cluster.state import STACK
from localcloud.cluster.steps import Steps
from tests.workflow.every_call import make_every_call
from tests.workflow.operators import SETTINGS as OPERATORS
from tests.workflow.operators import operate
from tests.workflow.stage import Stage

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "grants.md"

EVERY = {**OPERATORS, "admission": json.dumps({"tokensPerMinute": 1_000_000_000})}
"""Settings under which every call is made: someone operates, and executions may have to wait."""

_POOL = {"userPoolId": "ap-northeast-1_x", "clientIds": ["web"]}
_VPC = {"subnetIds": ["subnet-1", "subnet-2"], "securityGroupIds": ["sg-1"]}
SETTINGS: Mapping[str, Mapping[str, str]] = {
    STACK: EVERY,
    "dev": {**EVERY, "bedrockModel": "amazon.nova-micro-v1:0"},
    "staging": {**EVERY, "cognito": json.dumps(_POOL)},
    "prod": {
        **EVERY,
        "vpc": json.dumps(_VPC),
        "table": json.dumps({"billing": "provisioned"}),
    },
}
"""Settings by stack that change the needed permissions; they override the stack file's."""

_SHOWN, _SHOWN_SETTINGS = "prod", "a VPC, provisioned capacity, an operator"


@dataclass(frozen=True)
class Case:
    """A stack with its grants, and the calls that it makes or that AWS makes for it."""

    stack: DeclaredStack
    grants: tuple[Grant, ...]
    calls: tuple[Call, ...]
    to_refuse: tuple[Call, ...]

    def compare(self) -> Comparison:
        """Compare grants and calls in both directions."""
        return compare(self.grants, self.calls, self.to_refuse)

    def lost(self, without: Set[Grant], calls: Set[Call]) -> set[Call]:
        """The calls that would fail if the program lacked some grants."""
        rest = [grant for grant in self.grants if grant not in without]
        comparison = compare(rest, calls - set(self.to_refuse), calls & set(self.to_refuse))
        return {*comparison.ungranted, *comparison.unrefused}


def case(environment: str, recorded: tuple[Call, ...]) -> Case:
    """The case of a stack, from the recorded calls of the local one."""
    stack, grants = _program(environment)
    calls = calls_in_stack(stack, recorded, STACK)
    return Case(
        stack,
        grants,
        (*calls, *service_calls(stack, calls)),
        tuple(plain_http(stack)),
    )


def document(recorded: tuple[Call, ...]) -> str:
    """The text of docs/grants.md."""
    shown = case(_SHOWN, recorded)
    return render(shown.stack, shown.compare(), _SHOWN_SETTINGS)


@cache
def _program(environment: str) -> tuple[DeclaredStack, tuple[Grant, ...]]:
    stack = declared_stack(environment, SETTINGS[environment])
    return stack, grants_of(stack)


def main() -> int:
    """Record on a new cloud, write the document, print the problems; 1 if there are any."""
    with tempfile.TemporaryDirectory() as folder:
        recorded = _record(Path(folder) / "cloud")
    DOCUMENT.write_text(document(recorded))
    sys.stdout.write(DOCUMENT.read_text())
    wrong = 0
    for environment in SETTINGS:
        comparison = case(environment, recorded).compare()
        for problem in problems(comparison):
            wrong += 1
            sys.stdout.write(f"{environment}: {problem}\n")
        sys.stdout.write(f"{environment}: {counts(comparison)}\n")
    return 1 if wrong else 0


def _record(folder: Path) -> tuple[Call, ...]:
    cloud, steps = Cloud(folder, EVERY), Steps(Console(file=io.StringIO()))
    try:
        state, _ = cloud.up(steps)
        with psycopg.connect(state.database_url, autocommit=True) as conn:
            calls = emulator_of(folder).calls
            stage = Stage(state, conn, calls)
            make_every_call(stage)
            operate(stage)
            return read(calls).allowed
    finally:
        cloud.down(steps)


if __name__ == "__main__":
    sys.exit(main())

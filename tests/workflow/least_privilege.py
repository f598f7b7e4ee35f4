"""The program's grants against the calls of a cloud: `make grants` prints them, and the table."""

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
from localcloud.cluster.servers import recorded_calls
from localcloud.cluster.state import STACK
from localcloud.run.progress_bar import Steps
from tests.workflow.every_call import make_every_call
from tests.workflow.stage import Stage

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "grants.md"

_POOL = {"userPoolId": "ap-northeast-1_x", "clientIds": ["web"]}
_VPC = {"subnetIds": ["subnet-1"], "securityGroupIds": ["sg-1"]}
SETTINGS: Mapping[str, Mapping[str, str]] = {
    STACK: {},
    "dev": {"bedrockModel": "amazon.nova-micro-v1:0"},
    "staging": {"cognito": json.dumps(_POOL)},
    "prod": {"vpc": json.dumps(_VPC), "table": json.dumps({"billing": "provisioned"})},
}
"""By stack: settings that change what is needed, laid over its own."""

_SHOWN, _SHOWN_SETTINGS = "prod", "a VPC, provisioned capacity"


@dataclass(frozen=True)
class Case:
    """A stack with its grants and the calls that were made or are made in its name."""

    stack: DeclaredStack
    grants: tuple[Grant, ...]
    calls: tuple[Call, ...]
    to_refuse: tuple[Call, ...]

    def compare(self) -> Comparison:
        """Both directions."""
        return compare(self.grants, self.calls, self.to_refuse)

    def lost(self, without: Set[Grant], calls: Set[Call]) -> set[Call]:
        """Which of these calls would go wrong if the program lacked some grants."""
        rest = [grant for grant in self.grants if grant not in without]
        comparison = compare(rest, calls - set(self.to_refuse), calls & set(self.to_refuse))
        return {*comparison.ungranted, *comparison.unrefused}


def case(environment: str, recorded: tuple[Call, ...]) -> Case:
    """The case of a stack, given the calls that the local one was recorded to make."""
    stack, grants = _program(environment)
    calls = calls_in_stack(stack, recorded, STACK)
    return Case(
        stack,
        grants,
        (*calls, *service_calls(stack, calls)),
        tuple(plain_http(stack)),
    )


def document(recorded: tuple[Call, ...]) -> str:
    """docs/grants.md."""
    shown = case(_SHOWN, recorded)
    return render(shown.stack, shown.compare(), _SHOWN_SETTINGS)


@cache
def _program(environment: str) -> tuple[DeclaredStack, tuple[Grant, ...]]:
    stack = declared_stack(environment, SETTINGS[environment])
    return stack, grants_of(stack)


def main() -> int:
    """Record on a cloud of its own, write the document, print what is wrong. 1 if anything is."""
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
    cloud, steps = Cloud(folder), Steps(Console(file=io.StringIO()))
    try:
        state, _ = cloud.up(steps)
        with psycopg.connect(state.database_url, autocommit=True) as conn:
            calls = recorded_calls(folder)
            make_every_call(Stage(state, conn, calls))
            return read(calls).allowed
    finally:
        cloud.down(steps)


if __name__ == "__main__":
    sys.exit(main())

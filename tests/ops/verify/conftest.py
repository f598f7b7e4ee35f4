"""A cloud in which tests plant defects."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from declared.program import evaluate
from declared.throwaway_secrets import throwaway_secrets
from localcloud.cluster.state import CloudState
from ops.stack import Stack
from ops.verify.expected import expected
from ops.verify.facts import Facts, Line
from tests.ops.clouds import running_cloud
from tests.ops.verify.checked import lines

CONFIG = {"backups": '{"enabled": true}'}
"""The cloud has backups, which the local stack does without (`verify --canary` checks that one)."""


@dataclass(frozen=True)
class Damaged:
    """A cloud whose defects stay; healthy: its checks before the first was planted."""

    stack: Stack
    state: CloudState
    declared: Facts
    healthy: list[Line]


@pytest.fixture(scope="session")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Damaged]:
    with running_cloud(tmp_path_factory.mktemp("damaged") / "cloud", CONFIG) as cloud:
        program = evaluate("local", {**throwaway_secrets(), **CONFIG})
        declared = expected(program, cloud.stack.names, cloud.stack.packages)
        yield Damaged(cloud.stack, cloud.state, declared, lines(declared, cloud.stack))

"""One embedded stack for the guide's blocks, with an execution to ask about."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from rich.console import Console

from components.names import Names
from handlers.contract.functions import WORKFLOW_STATUS
from localcloud.cluster.cloud import Cloud
from localcloud.cluster.steps import Steps
from localcloud.cluster.users import DEMO_USER
from ops.stack import LOCAL, Canary, Stack
from tests.ops.releases import other_package, release
from tests.workflow.stage import Stage as Scene
from tests.workflow.stage import small_goal


@dataclass(frozen=True)
class Reader:
    """What somebody who follows the guide has: a stack, and an execution with failed actions."""

    stack: Stack
    goal_id: str
    execution_id: str
    folder: Path

    @property
    def variables(self) -> dict[str, str]:
        """The guide's shell variables."""
        archives = sorted(self.folder.glob("backups/*.zip"))
        return {
            "STACK": LOCAL,
            "GOAL": self.goal_id,
            "EXECUTION": self.execution_id,
            **({"ARCHIVE": str(archives[-1])} if archives else {}),
        }


@pytest.fixture(scope="session")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """An embedded stack on which three deployments and one execution with failures have been."""
    folder = tmp_path_factory.mktemp("guide")
    cloud = Cloud(folder / "cloud")
    steps = Steps(Console(file=io.StringIO()))
    try:
        state, _ = cloud.up(steps)
        names = Names(LOCAL, state.account_id, state.region)
        with psycopg.connect(state.database_url, autocommit=True) as conn:
            scene = Scene(state, conn, cloud.folder / "unused")
            mandala = scene.place(small_goal("手引きの目標", 3))
            refused = {each.action_id: {"kind": "refused"} for each in mandala.actions[:2]}
            ended = scene.run(mandala, refused)
            scene.configure_model()
            kept = scene.place(small_goal("カナリア", 1)).goal_id
        canary = Canary(state.users[DEMO_USER].id, kept)
        packages = cloud.folder / "packages"
        stack = Stack(names, state, state.api_url, packages, canary=canary)
        _deploy_twice(stack)
        yield Reader(stack, mandala.goal_id, ended.execution_id, folder)
    finally:
        cloud.down(steps)


def _deploy_twice(stack: Stack) -> None:
    """Other code, then the checkout's again: what is live is healthy and has a state before it."""
    assert stack.packages is not None
    name = stack.names.function(WORKFLOW_STATUS)
    release(stack, name, other_package(stack, "the deployment before"))
    release(stack, name, next(stack.packages.glob("core-*.zip")).read_bytes())

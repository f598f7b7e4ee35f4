"""Embedded clouds for the operators' commands: each takes seven seconds of a processor."""

from collections.abc import Iterator

import pytest

from localcloud.cluster.state import CloudState
from ops.stack import Stack
from tests.ops.clouds import RunningCloud, running_cloud


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCloud]:
    """A cloud for the tests that leave the stack as they found it."""
    with running_cloud(tmp_path_factory.mktemp("ops") / "cloud") as cloud:
        yield cloud


@pytest.fixture(scope="session")
def state(cloud: RunningCloud) -> CloudState:
    return cloud.state


@pytest.fixture(scope="session")
def stack(cloud: RunningCloud) -> Stack:
    return cloud.stack


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The stack of a cloud for the tests that release, roll back and restore.

    What is live works, and is what is declared; its version may not be the newest. Other
    executions may be in the table.
    """
    with running_cloud(tmp_path_factory.mktemp("released") / "cloud") as cloud:
        yield cloud.stack

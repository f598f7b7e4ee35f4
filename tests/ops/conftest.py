"""One embedded cloud for the operators' commands."""

import io
from collections.abc import Iterator

import pytest
from rich.console import Console

from components.names import Names
from localcloud.cluster.cloud import Cloud
from localcloud.cluster.state import CloudState
from localcloud.cluster.steps import Steps
from ops.stack import LOCAL, Stack


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """A cloud of the real program, for the tests of one file."""
    cloud = Cloud(tmp_path_factory.mktemp("ops") / "cloud")
    steps = Steps(Console(file=io.StringIO()))
    try:
        cloud.up(steps)
        yield cloud
    finally:
        cloud.down(steps)


@pytest.fixture(scope="module")
def state(cloud: Cloud) -> CloudState:
    state = cloud.state()
    assert state is not None
    return state


@pytest.fixture(scope="module")
def stack(cloud: Cloud, state: CloudState) -> Stack:
    """The stack as `--local` opens it."""
    names = Names(LOCAL, state.account_id, state.region)
    return Stack(names, state, state.api_url, cloud.folder / "packages", outputs=state.exports)

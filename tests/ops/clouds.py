"""Embedded clouds for the operators' commands."""

import io
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from components.names import Names
from localcloud.cluster.cloud import Cloud
from localcloud.cluster.state import CloudState
from localcloud.cluster.steps import Steps
from ops.stack import LOCAL, Stack


@dataclass(frozen=True)
class RunningCloud:
    """A cloud of the real program, and its stack as `--local` opens it."""

    state: CloudState
    stack: Stack


@contextmanager
def running_cloud(folder: Path, config: Mapping[str, str] | None = None) -> Generator[RunningCloud]:
    """A cloud in a folder; config: settings that override those of the stack file."""
    cloud = Cloud(folder, config or {})
    steps = Steps(Console(file=io.StringIO()))
    try:
        state, _ = cloud.up(steps)
        names = Names(LOCAL, state.account_id, state.region)
        packages = folder / "packages"
        stack = Stack(names, state, state.api_url, packages, outputs=state.exports)
        yield RunningCloud(state, stack)
    finally:
        cloud.down(steps)

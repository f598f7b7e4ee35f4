"""One cloud for all that goes end to end; it retries sooner and less often than others do."""

import io
from collections.abc import Iterator

import psycopg
import pytest
from rich.console import Console

from localcloud.cloud import Cloud
from localcloud.run_progress import Steps
from tests.workflow.refusals import Noted, Refusals
from tests.workflow.stage import Stage

REFUSALS = pytest.StashKey[Refusals]()
SAID = pytest.StashKey[list[str]]()
CONFIG = {
    # 7 seconds are left for a model call
    "generation": '{"timeout": 45}',
    "retry": '{"intervalSeconds": 1, "maxAttempts": 2}',
    "throttleRetry": '{"intervalSeconds": 1, "maxAttempts": 2}',
}


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A cloud of the real program, up for this session."""
    cloud = Cloud(tmp_path_factory.mktemp("workflow") / "cloud", CONFIG)
    steps = Steps(Console(file=io.StringIO()))
    try:
        state, _ = cloud.up(steps)
        with psycopg.connect(state.database_url, autocommit=True) as conn:
            yield Stage(state, conn)
    finally:
        cloud.down(steps)


@pytest.fixture
def noted(pytestconfig: pytest.Config) -> Noted:
    """Notes what an attacker got from each route, for the table at the end of the report."""
    return pytestconfig.stash.setdefault(REFUSALS, Refusals()).note


@pytest.fixture(scope="session")
def said(pytestconfig: pytest.Config) -> list[str]:
    """What a test has measured or drawn by lot: lines for the end of the report."""
    return pytestconfig.stash.setdefault(SAID, [])


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print both."""
    refusals, said = config.stash.get(REFUSALS, None), config.stash.get(SAID, None)
    for title, lines in (
        ("HTTP API: what each route answers", refusals.lines() if refusals else []),
        ("HTTP API: measured", said or []),
    ):
        if lines:
            terminalreporter.section(title)
        for line in lines:
            terminalreporter.write_line(line)

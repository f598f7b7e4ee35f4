"""One cloud for all that goes end to end; it retries sooner and less often than others do."""

import io
from collections.abc import Callable, Iterator

import psycopg
import pytest
from rich.console import Console

from checks.least_privilege.calls import read
from localcloud.cluster.cloud import Cloud
from localcloud.cluster.servers import emulator_of
from localcloud.cluster.steps import Steps
from tests.workflow.refusals import ROUTES_ANSWER, Noted, Said, row
from tests.workflow.stage import Stage

CONFIG = {
    # 7 seconds are left for a model call
    "generation": '{"timeout": 45}',
    "retry": '{"intervalSeconds": 1, "maxAttempts": 2}',
    "throttleRetry": '{"intervalSeconds": 1, "maxAttempts": 2}',
}


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A cloud of the real program, up for this session; its roles must have got along."""
    cloud = Cloud(tmp_path_factory.mktemp("workflow") / "cloud", CONFIG)
    steps = Steps(Console(file=io.StringIO()))
    try:
        state, _ = cloud.up(steps)
        with psycopg.connect(state.database_url, autocommit=True) as conn:
            stage = Stage(state, conn, emulator_of(cloud.folder).calls)
            yield stage
            refused = {(call.principal, call.action) for call in read(stage.calls).refused}
            assert refused <= stage.expected_refusals, "roles lacked a permission"
    finally:
        cloud.down(steps)


@pytest.fixture
def noted(record_property: Callable[[str, object], None]) -> Noted:
    """Notes what somebody got from each route, for the table at the end of the report."""
    return lambda who, replies: record_property(ROUTES_ANSWER, row(who, replies))


@pytest.fixture
def said(record_property: Callable[[str, object], None]) -> Said:
    """Says what a test has measured or drawn by lot, at the end of the report."""
    return lambda line: record_property("HTTP API: measured", line)

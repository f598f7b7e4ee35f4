"""One cloud for all end-to-end tests; it retries sooner and less often than a real stack."""

import io
from collections.abc import Callable, Iterator

import psycopg
import pytest
from rich.console import Console

from checks.least_privilege.calls import read
from localcloud.cluster.cloud import Cloud
from localcloud.cluster.servers import emulator_of
from localcloud.cluster.steps import Steps
from tests.workflow.least_privilege import EVERY
from tests.workflow.refusals import ROUTES_ANSWER, Report, RouteReport, row
from tests.workflow.stage import Stage

CONFIG = {
    **EVERY,
    # 7 seconds are left for a model call
    "generation": '{"timeout": 45}',
    "retry": '{"intervalSeconds": 1, "maxAttempts": 2}',
    "throttleRetry": '{"intervalSeconds": 1, "maxAttempts": 2}',
}


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A cloud of the real program for this session; no role may have lacked a permission."""
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
def report_routes(record_property: Callable[[str, object], None]) -> RouteReport:
    """Adds a line of the status codes of all routes to the test report."""
    return lambda who, replies: record_property(ROUTES_ANSWER, row(who, replies))


@pytest.fixture
def report(record_property: Callable[[str, object], None]) -> Report:
    """Adds a line about a measurement or a random choice to the test report."""
    return lambda line: record_property("HTTP API: measured", line)

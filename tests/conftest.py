"""Fixtures that more than one room needs."""

import signal
import socket
import subprocess
import time
from collections.abc import Generator, Iterator
from pathlib import Path

import hypothesis
import psycopg
import pytest

from localcloud.database.postgres import Postgres

# No test is timed: a loaded machine makes any example late.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

# A shell starts its background jobs with SIGINT ignored, and so do their children: `make test &`.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

_SHARED = {
    "workflow": {"stage"},
    "policies": {"stacks"},
    "ops": {"cloud", "damaged", "released"},
    "guide": {"reader"},
    "fidelity": {"aws"},
    "checks": {"stacks"},
    "components": {"deployed", "previewed"},
}
"""Folder -> costly fixtures of the session: the tests that use one stay together on one worker."""

_LONGEST = (
    "workflow",
    "policies",
    "guide",
    "ops",
    "tests/engine/",
    "tests/deployments/",
    "tests/workflow/",
    "fidelity",
    "checks",
    "tests/localcloud/cluster/",
    "tests/localcloud/aws/fidelity/",
    "tests/attacks/",
)
"""Groups, and beginnings of groups, that start first: a long one must not be left for the end."""


def _group(item: pytest.Item) -> str:
    """The folder of a shared fixture, else the file."""
    used: set[str] = set(getattr(item, "fixturenames", ()))
    shared = (name for name in item.path.parts if used & _SHARED.get(name, set()))
    return next(shared, item.nodeid.partition("::")[0])


def _turn(group: str) -> int:
    return next((i for i, each in enumerate(_LONGEST) if group.startswith(each)), len(_LONGEST))


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None]:
    """Group the tests for pytest-xdist, the longest groups first.

    Wrapped around the rest, since pytest-xdist reads the marks as early as it can.
    """
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))
    yield
    items.sort(key=lambda item: _turn(_group(item)))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the properties that tests have recorded, by name, wherever the tests ran."""
    recorded: dict[str, list[str]] = {}
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", "") == "call":
                for name, value in report.user_properties:
                    recorded.setdefault(name, []).append(str(value))
    for name, values in recorded.items():
        terminalreporter.write_line(name)
        for value in values:
            terminalreporter.write_line(f"  {value}")


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A PostgreSQL server of this test session."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder: Path = tmp_path_factory.mktemp("postgres")
    server = Postgres(folder / "data", port)
    server.initialise()
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(server.command, stdout=log, stderr=log)
    try:
        _wait_until_it_answers(server, process, folder / "log")
        yield server
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=20)


@pytest.fixture(scope="session")
def postgres_url(postgres: Postgres) -> str:
    """URL of the session server's maintenance database: create a database of your own in it."""
    return postgres.url_of("postgres")


def _wait_until_it_answers(server: Postgres, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        if process.poll() is not None:
            break
        try:
            psycopg.connect(server.url_of("postgres"), connect_timeout=1).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"PostgreSQL does not answer: {log.read_text()[-2000:]}")

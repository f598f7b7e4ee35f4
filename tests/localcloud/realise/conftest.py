"""A deployment of a test's own on one emulator."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from localcloud.program import DeclaredResource
from localcloud.realise.deployment import Deployment
from localcloud.realise.local_function import LocalRuntime
from localcloud.realise.realiser import Clients, Properties
from tests.localcloud.emulated import emulated_aws


@pytest.fixture(scope="session")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a running emulator with IAM enforced."""
    with emulated_aws(tmp_path_factory.mktemp("realise")) as running:
        yield running.emulator.url


@pytest.fixture
def clients(endpoint: str) -> Clients:
    return Clients(endpoint)


@pytest.fixture
def deployment(clients: Clients, tmp_path: Path) -> Deployment:
    return Deployment(
        clients, LocalRuntime(clients.endpoint, "http://127.0.0.1:9", tmp_path / "packages")
    )


class Declares:
    """Declares one resource after another and has it realised."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment

    def __call__(self, type_: str, **inputs: object) -> tuple[str, Properties]:
        """The id, and what the program gets to see of it."""
        name = str(inputs.get("name", "nameless"))
        resource = DeclaredResource(type_, name, f"urn:{name}", "", dict(inputs))
        resource_id, outputs = self.deployment(resource)
        return resource_id, {**inputs, **outputs}


@pytest.fixture
def declare(deployment: Deployment) -> Declares:
    return Declares(deployment)

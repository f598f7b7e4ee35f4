"""A deployment of a test's own on one emulator."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from declared.program import DeclaredResource
from localcloud.provision.deployment import Deployment
from localcloud.provision.local_function import LocalRuntime
from localcloud.provision.provisioner import Clients, Properties
from tests.localcloud.emulated import emulated_aws


@pytest.fixture(scope="session")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a running emulator with IAM enforced."""
    with emulated_aws(tmp_path_factory.mktemp("provision")) as running:
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
    """Declares one resource after another and has it provisioned, changed, and taken away."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self._declared: list[tuple[DeclaredResource, str]] = []

    def __call__(self, type_: str, **inputs: object) -> tuple[str, Properties]:
        """The id, and what the program gets to see of it."""
        name = str(inputs.get("name", "nameless"))
        resource = DeclaredResource(type_, name, f"urn:{name}", "", dict(inputs))
        resource_id, outputs = self.deployment(resource)
        self._declared.append((resource, resource_id))
        return resource_id, {**inputs, **outputs}

    def change(self, **changed: object) -> Properties:
        """Declare the last one otherwise (None: without that input); what it is now."""
        before, resource_id = self._declared.pop()
        inputs = {n: v for n, v in {**before.inputs, **changed}.items() if v is not None}
        after = replace(before, inputs=inputs)
        outputs = self.deployment.update(after, resource_id, before.inputs)
        self._declared.append((after, resource_id))
        return {**inputs, **outputs}

    def held(self) -> Properties:
        """What the service holds of the last one."""
        found = self.deployment.read(*self._declared[-1])
        assert found is not None
        return found

    def take_all_away(self) -> list[str]:
        """Delete all of it, the last first; the types of what is still there."""
        for resource, resource_id in reversed(self._declared):
            self.deployment.delete(resource, resource_id)
        held = [each for each in self._declared if self.deployment.read(*each) is not None]
        self._declared.clear()
        return [resource.type for resource, _ in held]


@pytest.fixture
def declare(deployment: Deployment) -> Iterator[Declares]:
    """What a test declares is deleted after it, of whatever type it is."""
    declares = Declares(deployment)
    yield declares
    # a key is gone only after its waiting time
    assert set(declares.take_all_away()) <= {"aws:kms/key:Key"}

"""A deployment for each test, on one emulator."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from declared.resources import DeclaredResource
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
    """Declares resources one by one, and has them provisioned, changed and deleted."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self._declared: list[tuple[DeclaredResource, str]] = []

    def __call__(self, type_: str, **inputs: object) -> tuple[str, Properties]:
        """Provision a resource; returns its id and the properties that the program sees."""
        name = str(inputs.get("name", "nameless"))
        resource = DeclaredResource(type_, name, f"urn:{name}", "", dict(inputs))
        resource_id, outputs = self.deployment(resource)
        self._declared.append((resource, resource_id))
        return resource_id, {**inputs, **outputs}

    def change(self, **changed: object) -> Properties:
        """Change inputs of the last resource (None removes one); returns its properties."""
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

    def delete_all(self) -> list[str]:
        """Delete all resources, the last first; returns the types of those that still exist."""
        for resource, resource_id in reversed(self._declared):
            self.deployment.delete(resource, resource_id)
        held = [each for each in self._declared if self.deployment.read(*each) is not None]
        self._declared.clear()
        return [resource.type for resource, _ in held]


@pytest.fixture
def declare(deployment: Deployment) -> Iterator[Declares]:
    """Declares resources; those that a test declares are deleted after it."""
    declares = Declares(deployment)
    yield declares
    # a key is deleted only after its waiting period
    assert set(declares.delete_all()) <= {"aws:kms/key:Key"}

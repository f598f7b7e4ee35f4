"""Errors that AWS's provider tries again are tried again, as long as there is patience."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from declared.resources import DeclaredResource
from localcloud.aws.clients import ACCOUNT_ID
from localcloud.provision.deployment import Deployment, ProvisionError
from localcloud.provision.local_function import LocalRuntime
from localcloud.provision.patience import tried_again
from localcloud.provision.provisioner import Clients
from tests.localcloud.emulated import emulated_aws
from tests.localcloud.provision.test_changes import package, trust

FUNCTION = "aws:lambda/function:Function"
TOO_EARLY = "The role defined for the function cannot be assumed by Lambda."


@pytest.fixture(scope="module")
def lagging(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of an emulator on which a new role cannot be assumed for a second."""
    with emulated_aws(tmp_path_factory.mktemp("lagging"), lag_seconds=1.0) as running:
        yield running.emulator.url


def deploy(url: str, folder: Path, patience_seconds: float) -> None:
    """Create a role, and a function of it at once."""
    runtime = LocalRuntime(url, "http://127.0.0.1:9", folder / "packages")
    deployment = Deployment(Clients(url), runtime, patience_seconds)
    name = f"early-{uuid4().hex[:8]}"
    role = {"name": name, "assumeRolePolicy": trust("lambda")}
    function = {
        "name": name,
        "role": f"arn:aws:iam::{ACCOUNT_ID}:role/{name}",
        "runtime": "python3.13",
        "architectures": ["arm64"],
        "handler": "handlers.say.handler",
        "code": package(folder, "hello"),
    }
    deployment(DeclaredResource("aws:iam/role:Role", name, f"urn:{name}", "", role))
    deployment(DeclaredResource(FUNCTION, name, f"urn:{name}-f", "", function))


def test_a_role_that_is_not_assumable_yet_is_waited_for(lagging: str, tmp_path: Path) -> None:
    deploy(lagging, tmp_path, patience_seconds=30)


def test_without_patience_the_error_is_shown_at_once(lagging: str, tmp_path: Path) -> None:
    with pytest.raises(ProvisionError, match=TOO_EARLY):
        deploy(lagging, tmp_path, patience_seconds=0)


class Refusing:
    """A call that AWS refuses a number of times."""

    def __init__(self, times: int, code: str, message: str) -> None:
        self.left = times
        self.error = ClientError({"Error": {"Code": code, "Message": message}}, "CreateFunction")

    def __call__(self) -> str:
        if self.left:
            self.left -= 1
            raise self.error
        return "created"


def test_only_the_errors_of_the_facts_are_tried_again() -> None:
    early = Refusing(2, "InvalidParameterValueException", TOO_EARLY)
    assert tried_again(FUNCTION, "create", 10, early) == "created"
    wrong = Refusing(1, "InvalidParameterValueException", "Runtime is unknown")
    with pytest.raises(ClientError, match="Runtime is unknown"):
        tried_again(FUNCTION, "create", 10, wrong)
    assert wrong.left == 0


def test_an_operation_has_its_own_errors() -> None:
    machine = "aws:sfn/stateMachine:StateMachine"
    assert tried_again(machine, "create", 10, Refusing(1, "AccessDeniedException", "")) == "created"
    with pytest.raises(ClientError):
        tried_again(machine, "update", 10, Refusing(1, "AccessDeniedException", ""))

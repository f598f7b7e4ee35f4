"""Pulumi's engine, if there is one, and an emulator for its stacks."""

from collections.abc import Generator
from pathlib import Path

import pytest

from localcloud.aws.clients import ACCOUNT_ID
from localcloud.pulumi_cli import Engine, NoEngineError, ProviderTarget, pulumi_cli, pulumi_engine
from tests.localcloud.emulated import EmulatedAws, emulated_aws


@pytest.fixture(scope="session")
def cli() -> Path:
    """The Pulumi CLI; without one the test is skipped with the reason."""
    try:
        return pulumi_cli()
    except NoEngineError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Generator[EmulatedAws]:
    """An emulator for the tests of this folder."""
    with emulated_aws(tmp_path_factory.mktemp("engine")) as running:
        yield running


@pytest.fixture(scope="session")
def engine(
    cli: Path, aws: EmulatedAws, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Engine]:
    """An engine whose provider uses the emulator."""
    packages = tmp_path_factory.mktemp("packages")
    no_model = "http://127.0.0.1:9"
    with pulumi_engine(
        ProviderTarget(ACCOUNT_ID, aws.emulator.url, no_model, str(packages))
    ) as engine:
        yield engine


@pytest.fixture(autouse=True, scope="session")
def no_guide_variables() -> Generator[None]:
    """The environment of this machine does not influence the tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_REGION", "AWS_ACCOUNT_ID", "DATABASE_URL", "JWT_SECRET", "SLACK_WEBHOOK"):
            patch.delenv(name, raising=False)
        yield

"""The first deployment where what is made counts only after a while, as on AWS."""

import time
import urllib.error
import urllib.request
from collections.abc import Generator
from pathlib import Path

import pytest

from declared.program import ROOT
from declared.throwaway_secrets import throwaway_secrets
from localcloud.aws.clients import ACCOUNT_ID
from localcloud.pulumi_cli import EngineOutcome, EngineStack, ProviderTarget, pulumi_engine
from tests.localcloud.emulated import EmulatedAws, emulated_aws

LAG_SECONDS = 3.0
NOBODY = "http://127.0.0.1:9"

# a whole stack is brought up, on two cores that are busy
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def slow_aws(tmp_path_factory: pytest.TempPathFactory) -> Generator[EmulatedAws]:
    """An emulator on which roles and aliases take their time."""
    with emulated_aws(tmp_path_factory.mktemp("lagging"), lag_seconds=LAG_SECONDS) as running:
        yield running


@pytest.fixture(scope="module")
def deployed(
    cli: Path, slow_aws: EmulatedAws, tmp_path_factory: pytest.TempPathFactory
) -> Generator[tuple[EngineStack, EngineOutcome]]:
    """The workflow's first deployment there, with the patience of AWS's provider."""
    packages = str(tmp_path_factory.mktemp("packages"))
    target = ProviderTarget(
        ACCOUNT_ID, slow_aws.emulator.url, NOBODY, packages, patience_seconds=60
    )
    with pulumi_engine(target) as engine:
        stack = engine.stack(ROOT, "local", {}, throwaway_secrets())
        yield stack, stack.up()


def test_the_first_deployment_passes(deployed: tuple[EngineStack, EngineOutcome]) -> None:
    _, up = deployed
    assert set(up.operations.values()) == {"create"}


def test_a_second_one_has_nothing_to_do(deployed: tuple[EngineStack, EngineOutcome]) -> None:
    stack, _ = deployed
    assert stack.up().operations == {}


def test_what_is_up_answers_once_all_of_it_counts(
    deployed: tuple[EngineStack, EngineOutcome],
) -> None:
    stack, _ = deployed
    url = f"{stack.outputs()['apiUrl']}/health"
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(url, timeout=20) as answer:
                assert answer.status == 200
                return
        except urllib.error.HTTPError:
            assert time.monotonic() < deadline
            time.sleep(0.2)

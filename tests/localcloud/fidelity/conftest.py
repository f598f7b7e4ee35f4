"""One emulator for all fidelity tests."""

from collections.abc import Iterator

import pytest

from tests.localcloud.emulated import EmulatedAws, emulated_aws


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatedAws]:
    """A running emulator with IAM enforced."""
    with emulated_aws(tmp_path_factory.mktemp("emulator")) as running:
        yield running

"""One laboratory for all tests of the pack: programs and packs take a second each to start."""

from collections.abc import Generator

import pytest

from tests.policies.matrix import Laboratory, laboratory


@pytest.fixture(scope="session")
def lab() -> Generator[Laboratory]:
    """Programs, packs and mutants."""
    with laboratory() as made:
        yield made


@pytest.fixture(autouse=True)
def no_guide_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's own environment decides nothing here."""
    for name in ("AWS_REGION", "AWS_ACCOUNT_ID", "DATABASE_URL", "JWT_SECRET", "SLACK_WEBHOOK"):
        monkeypatch.delenv(name, raising=False)

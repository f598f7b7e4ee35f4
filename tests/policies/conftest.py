"""One set of stacks for all tests of the pack: a program and a pack take a second each to start."""

from collections.abc import Generator

import pytest

from tests.policies.stacks import StacksUnderTest, stacks_under_test


@pytest.fixture(scope="session")
def stacks() -> Generator[StacksUnderTest]:
    """Evaluated stacks and their packs."""
    with stacks_under_test() as running:
        yield running


@pytest.fixture(autouse=True)
def no_guide_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep settings in this machine's environment from changing the result."""
    for name in ("AWS_REGION", "AWS_ACCOUNT_ID", "DATABASE_URL", "JWT_SECRET", "SLACK_WEBHOOK"):
        monkeypatch.delenv(name, raising=False)

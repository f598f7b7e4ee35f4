"""Lambda's init phase: variables are checked and clients made before the first invocation."""

from collections.abc import Iterator

import pytest

from handlers.contract import environment
from handlers.contract.environment import Env, EnvironmentVariableError
from handlers.contract.functions import WORKFLOW_SAVE_BATCH
from handlers.runtime.init_phase import in_init_phase

VARIABLES = {Env.TABLE_NAME: "table", Env.TTL_DAYS: "90", Env.DATABASE_URL_SECRET_ARN: "arn"}


@pytest.fixture(autouse=True)
def lambda_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001")
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    yield
    environment.validated.cache_clear()


def test_everything_is_made_in_the_init_phase() -> None:
    made: list[str] = []
    in_init_phase(WORKFLOW_SAVE_BATCH, lambda: made.append("a"), lambda: made.append("b"))
    assert made == ["a", "b"]


def test_a_function_with_a_missing_variable_does_not_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(Env.DATABASE_URL_SECRET_ARN)
    made: list[str] = []
    with pytest.raises(EnvironmentVariableError, match="DATABASE_URL_SECRET_ARN: Field required"):
        in_init_phase(WORKFLOW_SAVE_BATCH, lambda: made.append("a"))
    assert made == []


def test_outside_of_lambda_nothing_is_read_or_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_LAMBDA_RUNTIME_API")
    monkeypatch.delenv(Env.TABLE_NAME)
    in_init_phase(WORKFLOW_SAVE_BATCH, lambda: pytest.fail("made"))

"""The program, evaluated once a stack and session, and the settings it starts from."""

from collections.abc import Callable
from functools import cache

import pytest

from components.names import Names
from components.settings import Settings, parse
from declared.program import Program, evaluate

SECRETS = {
    "database_url": "postgresql://throwaway:hunter2@db.invalid/goals",
    "jwt_secret": "a-throwaway-jwt-secret-of-some-length",
    "slack_webhook": "https://hooks.invalid/throwaway-webhook",
}
CONFIG = {
    "databaseUrl": SECRETS["database_url"],
    "jwtSecret": SECRETS["jwt_secret"],
    "slackWebhook": SECRETS["slack_webhook"],
}
OF_DEV = {"environment": "dev", "account_id": "123456789012", "region": "ap-northeast-1"}

Evaluate = Callable[[str], Program]


@pytest.fixture
def configured() -> dict[str, str]:
    """The least configuration that makes settings."""
    return {**OF_DEV, **SECRETS}


@pytest.fixture
def settings(configured: dict[str, str]) -> Settings:
    """Default settings."""
    return parse(configured, {})


@pytest.fixture
def names() -> Names:
    """Names of the stack dev."""
    return Names("dev", "123456789012", "ap-northeast-1")


@pytest.fixture(scope="session")
def deployed() -> Evaluate:
    """A stack as `pulumi up` evaluates it, with computed outputs."""

    @cache
    def program(stack: str) -> Program:
        return evaluate(stack, CONFIG)

    return program


@pytest.fixture(scope="session")
def previewed() -> Evaluate:
    """A stack as `pulumi preview` evaluates it: what AWS generates is unknown."""

    @cache
    def program(stack: str) -> Program:
        return evaluate(stack, CONFIG, preview=True)

    return program


@pytest.fixture(autouse=True)
def no_guide_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of the machine that runs the tests has no effect."""
    for name in ("AWS_REGION", "AWS_ACCOUNT_ID", "DATABASE_URL", "JWT_SECRET", "SLACK_WEBHOOK"):
        monkeypatch.delenv(name, raising=False)

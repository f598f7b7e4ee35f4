"""Every variable is declared once, read once, and refused by its name."""

import pytest

from handlers.contract.environment import (
    Env,
    EnvironmentVariableError,
    env,
    variables_of,
)
from handlers.contract.functions import (
    FUNCTIONS,
    SLACK_NOTIFIER,
    WORKFLOW_PREPARE,
    WORKFLOW_SAVE_BATCH,
    FunctionSpec,
)


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.name)
def test_a_function_has_each_of_its_variables_once(function: FunctionSpec) -> None:
    names = [variable.name for variable in variables_of(function)]
    assert len(names) == len(set(names))
    assert {"ENVIRONMENT", "TABLE_NAME", "TTL_DAYS"} <= set(names)


def test_a_function_has_the_variables_of_what_it_uses() -> None:
    assert Env.DATABASE_URL_SECRET_ARN in variables_of(WORKFLOW_SAVE_BATCH)
    assert Env.DATABASE_URL_SECRET_ARN not in variables_of(SLACK_NOTIFIER)
    assert Env.BATCH_SIZE in variables_of(WORKFLOW_PREPARE)
    assert Env.BATCH_SIZE not in variables_of(WORKFLOW_SAVE_BATCH)


def test_variables_have_their_types(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "TABLE_NAME": "table",
        "TTL_DAYS": "90",
        "SLACK_ESCALATE_PERCENT": "50.5",
        "SLACK_LANGUAGE": "ja",
        "SLACK_MENTION": "",
        "LOG_GROUPS": "/aws/lambda/a,/aws/lambda/b",
        "MODEL_CALL_TIMEOUT_SECONDS": "0.2",
    }.items():
        monkeypatch.setenv(name, value)
    assert (env.TABLE_NAME, env.TTL_DAYS) == ("table", 90)
    assert (env.SLACK_ESCALATE_PERCENT, env.SLACK_LANGUAGE, env.SLACK_MENTION) == (50.5, "ja", "")
    assert env.LOG_GROUPS == ("/aws/lambda/a", "/aws/lambda/b")
    assert env.MODEL_CALL_TIMEOUT_SECONDS == 0.2


def test_a_variable_is_read_once_per_cold_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TABLE_NAME", "first")
    assert env.TABLE_NAME == "first"
    monkeypatch.setenv("TABLE_NAME", "second")
    assert env.TABLE_NAME == "first"


def test_a_missing_variable_is_an_error_that_names_what_is_allowed() -> None:
    with pytest.raises(EnvironmentVariableError) as error:
        _ = env.BATCH_SIZE
    assert str(error.value) == "BATCH_SIZE: must be a whole number from 1, got nothing"


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("BATCH_SIZE", "0", "a whole number from 1"),
        ("BATCH_SIZE", "8.5", "a whole number from 1"),
        ("BATCH_SIZE", "eight", "a whole number from 1"),
        ("MODEL_CALL_TIMEOUT_SECONDS", "0", "seconds from 0.001 to 900"),
        ("MODEL_CALL_TIMEOUT_SECONDS", "inf", "seconds from 0.001 to 900"),
        ("TRACED_PERCENT", "101", "a number from 0 to 100"),
        ("TRACED_PERCENT", "nan", "a number from 0 to 100"),
        ("SLACK_LANGUAGE", "de", "ja or en"),
        ("SLACK_QUEUE_URL", "", "a text that is not empty"),
        ("LOG_GROUPS", "a,,b", "texts with commas between them"),
    ],
)
def test_a_malformed_value_is_an_error_that_names_it_and_what_is_allowed(
    name: str, value: str, allowed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(EnvironmentVariableError) as error:
        getattr(env, name)
    assert str(error.value) == f"{name}: must be {allowed}, got {value!r}"


def test_a_long_value_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BATCH_SIZE", "x" * 1_000)
    with pytest.raises(EnvironmentVariableError, match=r"got 'x{100}'$"):
        _ = env.BATCH_SIZE

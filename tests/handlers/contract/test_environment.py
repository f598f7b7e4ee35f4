"""Every variable is declared once, read once, and refused by its name."""

from collections.abc import Iterator

import pytest

from handlers.contract import environment
from handlers.contract.environment import (
    EnvironmentVariableError,
    GenerationVariables,
    PrepareVariables,
    SlackVariables,
    TableVariables,
    groups_of,
    read,
    variables_of,
)
from handlers.contract.functions import (
    FUNCTIONS,
    SLACK_NOTIFIER,
    WORKFLOW_PREPARE,
    WORKFLOW_SAVE_BATCH,
    FunctionSpec,
)

SLACK = {
    "SLACK_WEBHOOK_SECRET_ARN": "arn",
    "SLACK_QUEUE_URL": "https://queue",
    "SLACK_DEAD_LETTERS_URL": "https://dead",
    "SLACK_LANGUAGE": "ja",
    "SLACK_ESCALATE_PERCENT": "50.0",
    "SLACK_MENTION": "",
    "RUNBOOK_URL": "docs/runbook.md",
    "DASHBOARD_URL": "https://dashboard",
    "LOG_GROUPS": "/aws/lambda/a,/aws/lambda/b",
}


@pytest.fixture(autouse=True)
def cold_start() -> Iterator[None]:
    environment.validated.cache_clear()
    yield
    environment.validated.cache_clear()


def set_all(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


def test_the_functions_have_every_declared_variable() -> None:
    assert {name for function in FUNCTIONS for name in variables_of(function)} == set(
        environment.Env
    )


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.name)
def test_a_function_has_each_variable_once(function: FunctionSpec) -> None:
    names = variables_of(function)
    assert len(names) == len(set(names))


def test_a_function_has_the_variables_of_what_it_uses() -> None:
    assert environment.DatabaseVariables in groups_of(WORKFLOW_SAVE_BATCH)
    assert environment.DatabaseVariables not in groups_of(SLACK_NOTIFIER)
    assert environment.Env.BATCH_SIZE in variables_of(WORKFLOW_PREPARE)
    assert environment.Env.BATCH_SIZE not in variables_of(WORKFLOW_SAVE_BATCH)


def test_variables_have_their_types(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, SLACK | {"TABLE_NAME": "table", "TTL_DAYS": "90"})
    assert read(TableVariables) == ("table", 90)
    variables = read(SlackVariables)
    assert variables.SLACK_ESCALATE_PERCENT == 50.0
    assert variables.SLACK_MENTION == ""
    assert variables.LOG_GROUPS == ("/aws/lambda/a", "/aws/lambda/b")


def test_a_variable_is_read_once_per_cold_start(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, {"TABLE_NAME": "first", "TTL_DAYS": "90"})
    assert read(TableVariables).TABLE_NAME == "first"
    monkeypatch.setenv("TABLE_NAME", "second")
    assert read(TableVariables).TABLE_NAME == "first"


@pytest.mark.parametrize(
    ("variables", "problem"),
    [
        ({"BATCH_SIZE": "8"}, "WORKFLOW_TIMEOUT_SECONDS: Field required, got nothing"),
        (
            {"BATCH_SIZE": "0", "WORKFLOW_TIMEOUT_SECONDS": "900"},
            "BATCH_SIZE: Input should be greater than or equal to 1, got '0'",
        ),
        (
            {"BATCH_SIZE": "eight", "WORKFLOW_TIMEOUT_SECONDS": "900"},
            "BATCH_SIZE: Input should be a valid integer, unable to parse string as an integer,"
            " got 'eight'",
        ),
        (
            {},
            "WORKFLOW_TIMEOUT_SECONDS: Field required, got nothing;"
            " BATCH_SIZE: Field required, got nothing",
        ),
    ],
)
def test_an_error_names_variable_value_and_what_is_allowed(
    variables: dict[str, str], problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_all(monkeypatch, variables)
    with pytest.raises(EnvironmentVariableError) as error:
        read(PrepareVariables)
    assert str(error.value) == problem


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("SLACK_LANGUAGE", "de", "SLACK_LANGUAGE: Input should be 'ja' or 'en', got 'de'"),
        ("SLACK_ESCALATE_PERCENT", "101", "SLACK_ESCALATE_PERCENT: .* equal to 100, got '101'"),
        ("SLACK_ESCALATE_PERCENT", "nan", "SLACK_ESCALATE_PERCENT: .*, got 'nan'"),
        ("SLACK_QUEUE_URL", "", "SLACK_QUEUE_URL: .* at least 1 character, got ''"),
        ("LOG_GROUPS", "a,,b", r"LOG_GROUPS\.1: .* at least 1 character, got ''"),
    ],
)
def test_a_malformed_value_is_refused(
    name: str, value: str, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_all(monkeypatch, SLACK | {name: value})
    with pytest.raises(EnvironmentVariableError, match=f"^{problem}$"):
        read(SlackVariables)


@pytest.mark.parametrize("value", ["0", "inf", "nan", "soon"])
def test_a_time_out_is_a_finite_number_of_seconds(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_all(monkeypatch, {"BEDROCK_MODEL": "m", "MODEL_CALL_TIMEOUT_SECONDS": value})
    with pytest.raises(EnvironmentVariableError, match=f"MODEL_CALL_TIMEOUT_SECONDS: .*'{value}'"):
        read(GenerationVariables)

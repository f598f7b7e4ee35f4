"""A stack that Lambda's quota does not hold is refused before anything is created."""

import json

import pytest

from components.settings import SettingsError, parse, with_account_concurrency
from declared import provider_functions
from declared.program import Program, evaluate
from tests.components.conftest import CONFIG

NEW_ACCOUNT = 10


def check(configured: dict[str, str], quota: float, **settings: object) -> int | None:
    """The quota that the settings have in the end."""
    texts = {field: json.dumps(value) for field, value in settings.items()}
    checked = with_account_concurrency(parse({**configured, **texts}, {}), lambda: quota)
    return checked.account_concurrency


def test_a_new_account_is_refused_with_the_request_to_make(configured: dict[str, str]) -> None:
    with pytest.raises(SettingsError) as error:
        check(configured, NEW_ACCOUNT)
    assert "quota of concurrent executions is 10, and the stack needs 32" in str(error.value)
    assert "--service-code lambda --quota-code L-B99A9384" in str(error.value)


def test_a_new_account_takes_a_stack_that_runs_few_at_once(configured: dict[str, str]) -> None:
    few: dict[str, object] = {"max_batch_concurrency": 1, "max_action_concurrency": 2}
    assert check(configured, NEW_ACCOUNT, **few) == NEW_ACCOUNT
    with pytest.raises(SettingsError, match=r"needs 15.*Lambda keeps 10 free"):
        check(configured, NEW_ACCOUNT, generation={"provisionedConcurrency": 5}, **few)


@pytest.mark.parametrize("kind", ["provisionedConcurrency", "reservedConcurrency"])
def test_lambda_keeps_a_hundred_beside_what_is_taken(configured: dict[str, str], kind: str) -> None:
    assert check(configured, 130, generation={kind: 30}) == 130
    with pytest.raises(SettingsError, match="is 129, and the stack needs 130"):
        check(configured, 129, generation={kind: 30})


def test_provisioned_concurrency_is_a_part_of_what_is_reserved(configured: dict[str, str]) -> None:
    both = {"provisionedConcurrency": 5, "reservedConcurrency": 30}
    assert check(configured, 130, generation=both) == 130
    with pytest.raises(SettingsError, match="provisionedConcurrency = 31: at most"):
        check(configured, 1000, generation={**both, "provisionedConcurrency": 31})


def test_a_stated_quota_is_not_read(configured: dict[str, str]) -> None:
    stated = parse({**configured, "account_concurrency": "50"}, {})

    def read() -> float:
        raise AssertionError

    assert with_account_concurrency(stated, read).account_concurrency == 50


def test_an_unreadable_quota_is_an_error_with_both_ways_out(configured: dict[str, str]) -> None:
    def read() -> float:
        raise PermissionError("AccessDeniedException")

    with pytest.raises(
        SettingsError, match=r"allow servicequotas:GetServiceQuota.*or set"
    ) as error:
        with_account_concurrency(parse(configured, {}), read)
    assert "AccessDeniedException" in str(error.value)


def _threshold(program: Program) -> float:
    (alarm,) = [r for r in program.resources if r.name == "alarms-account-concurrency-high"]
    return alarm.inputs["threshold"]


def test_the_program_reads_the_quota_and_its_alarm_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _threshold(evaluate("prod", CONFIG)) == 800
    monkeypatch.setattr(provider_functions, "CONCURRENT_EXECUTIONS", 500)
    assert _threshold(evaluate("prod", CONFIG)) == 400
    assert _threshold(evaluate("prod", {**CONFIG, "accountConcurrency": "300"})) == 240


def test_the_program_of_a_new_account_is_refused_before_it_declares_anything(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(provider_functions, "CONCURRENT_EXECUTIONS", NEW_ACCOUNT)
    with pytest.raises(SettingsError, match="request a quota of 1000"):
        evaluate("prod", CONFIG)

"""What leaves: our own words, ids, times, short counts. Nothing else, however it is encoded."""

import random
from datetime import UTC, datetime
from string import ascii_letters, digits

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.settings import Settings
from ops.settings import settings_of
from ops.support.detectors import kinds_in
from ops.support.evidence import Evidence
from ops.support.files import files
from ops.support.redaction import WITHHELD, Redactor
from ops.support.report import OwnWords
from tests.ops.support.plants import ENGLISH_GOAL, PLANTS, TEXTS, encodings, found_in

REDACTOR = Redactor(
    frozenset({"123456789012", "ap-northeast-1", "local", "staging"}), frozenset({ENGLISH_GOAL})
)
ID = "0192f0c1-7a00-7000-8000-000000000001"


@pytest.mark.parametrize(
    "text",
    [
        "tasks kept",
        "attempt failed",
        "[ERROR] ContentFilteredError: the model stopped with content_filtered",
        f"RequestId: {ID} Error: Runtime exited with error: signal: killed",
        f"2026-11-29T10:54:17.414Z {ID} Task timed out after 120.00 seconds",
        f"arn:aws:states:ap-northeast-1:123456789012:execution:TaskGenerationWorkflow-local:{ID}",
        "TaskStateEntered",
        "LambdaFunctionScheduled",
        "Alarm updated from OK to ALARM",
        "goal-mandala-local-workflow-failure-rate-high",
    ],
)
def test_what_our_code_and_aws_write_stays(text: str) -> None:
    assert REDACTOR.text(text) == text


@pytest.mark.parametrize("kind", PLANTS)
def test_a_secret_is_withheld_in_every_encoding(kind: str) -> None:
    for text in encodings(PLANTS[kind]).values():
        assert found_in(REDACTOR.text(f"attempt failed: {text}")) == set()
        assert found_in(REDACTOR.text(text)) == set()


def test_a_text_ends_before_its_first_foreign_word() -> None:
    assert REDACTOR.text("attempt failed: hunter2 tasks kept") == (
        "attempt failed: [withheld: 18 characters]"
    )


@given(st.integers(0), st.integers(16, 64))
def test_no_random_text_is_taken_for_words(seed: int, length: int) -> None:
    text = "".join(random.Random(seed).choices(ascii_letters + digits + "+/", k=length))
    assert text not in REDACTOR.text(text)


@pytest.mark.parametrize("text", ["090 1234 5678", "4111-1111-1111-1111", "20261129", "1990.12.31"])
def test_long_numbers_are_no_counts(text: str) -> None:
    assert text not in REDACTOR.text(text)


@pytest.mark.parametrize("text", ["InToOrOnAt", "task-090-123-456"])
def test_neither_short_words_nor_numbers_spell_a_foreign_one(text: str) -> None:
    assert text not in REDACTOR.text(text)


def test_only_allowed_fields_stay_and_the_others_are_counted() -> None:
    given_fields = {"saved": 8, "title": "x", "input": f'{{"executionId": "{ID}", "note": "y"}}'}
    assert REDACTOR.fields(given_fields, {"saved", "input", "executionId"}) == {
        "saved": 8,
        "input": {"executionId": ID, WITHHELD: 1},
        WITHHELD: 1,
    }


@pytest.mark.parametrize(
    "kind",
    ["AWS access key id", "GitHub token", "JSON web token", "database URL", "e-mail address"],
)
def test_the_second_look_knows_secrets_also_when_they_are_encoded(kind: str) -> None:
    texts = encodings(PLANTS[kind])
    for how in ("as it is", "Base64", "Base64 for URLs", "URL-encoded"):
        assert kinds_in(f"before {texts[how]} after"), how
    assert kinds_in("executions 3, tasks kept") == set()


def test_settings_leave_as_numbers_defaults_and_our_own_words() -> None:
    settings = settings_of("staging")
    alarms = settings.alarms.model_copy(update={"runbook": PLANTS["Slack webhook"]})
    planted: Settings = settings.model_copy(
        update={
            "alarms": alarms,
            "alert_emails": [PLANTS["e-mail address"], *TEXTS],
            "cors_origins": TEXTS,
            "workflow_timeout": 1200,
        }
    )
    now = datetime.now(UTC)
    evidence = Evidence((), planted, {}, (), (), (), now, now)
    content = files(evidence, REDACTOR, settings.names, OwnWords())
    assert found_in("".join(content.values())) == set()
    assert '"workflowTimeout": 1200' in content["settings.json"]
    assert '"environment": "staging"' in content["settings.json"]
    assert "databaseUrl" not in content["settings.json"]

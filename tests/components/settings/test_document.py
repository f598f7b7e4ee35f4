"""The reference of the settings is current and complete."""

import re

from components.settings import ENVIRONMENT_VARIABLES
from declared.program import ROOT
from tests.components.settings.document import (
    DOCUMENT,
    allowed,
    changes,
    document,
    meanings,
    settings,
)

SETTINGS = {each.path: each for each in settings()}


def test_the_reference_is_up_to_date() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert text == document(), "python -m tests.components.settings.document writes it"


def test_every_setting_has_a_meaning_in_both_languages() -> None:
    assert {*meanings()} == {*SETTINGS}
    assert [path for path, each in meanings().items() if not (each["en"] and each["ja"])] == []


def test_what_a_pattern_allows_is_said_in_words() -> None:
    texts = {path: allowed(each) for path, each in SETTINGS.items()}
    assert [path for path, text in texts.items() if re.search(r"\^|\$|\\d", text)] == []
    assert [path for path, text in texts.items() if text == "string"] == []


def test_limits_and_choices_are_the_models() -> None:
    assert allowed(SETTINGS["retry.maxAttempts"]) == "integer from 0 to 10"
    assert allowed(SETTINGS["alarms.failureRate"]) == "number above 0 below 100"
    assert allowed(SETTINGS["table.billing"]) == "onDemand, provisioned"
    assert allowed(SETTINGS["alarms.period"]) == "integer from 60 to 3600 by 60"


def test_every_variable_is_in_the_reference() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert [each for each in ENVIRONMENT_VARIABLES.values() if f"`{each}`" not in text] == []


def test_a_setting_answers_a_section_that_the_guide_has() -> None:
    guide = (ROOT / "docs" / "operations-guide.md").read_text(encoding="utf-8")
    sections = set(re.findall(r"^#+ (\d[\d.]*\d|\d)\.? ", guide, re.MULTILINE))
    answered = {str(each) for meaning in meanings().values() for each in meaning.get("answers", [])}
    assert answered <= sections
    assert {"4.1.2", "4.1.3", "4.1.4", "4.1.5"} <= answered


def test_a_setting_that_the_guide_turns_is_in_its_section() -> None:
    guide = (ROOT / "docs" / "operations-guide.md").read_text(encoding="utf-8")
    turned = set(re.findall(r"goal-mandala:([A-Za-z.]+)", guide))
    tops = {path.partition(".")[0] for path in SETTINGS}
    assert {each for each in turned if each not in SETTINGS and each not in tops} == set()


def test_what_a_change_edits_is_known_for_every_setting_of_a_stack() -> None:
    known = {path.partition(".")[0] for path in changes()}
    tops = {path.partition(".")[0] for path in SETTINGS}
    assert tops - known == {"environment", "accountId", "region"}

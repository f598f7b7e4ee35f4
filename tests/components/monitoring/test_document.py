"""Alarms, dashboard, runbook and docs/monitoring.md agree; the guide's metrics are all watched."""

import re
from pathlib import Path

import pytest

from components.monitoring.alarm_factory import Alarm
from components.monitoring.composites import Composite
from components.monitoring.dashboard.body import dashboard
from components.monitoring.monitoring import Monitoring
from tests.components.monitoring.document import (
    DOCUMENT,
    GUIDE,
    NOT_IN_THE_GUIDE,
    Row,
    document,
    found,
    monitoring_of_prod,
)

RUNBOOK = Path(__file__).parents[3] / "docs" / "runbook.md"
SECTIONS = dict(re.findall(r"^## (\S+)\n(.*?)(?=^## |\Z)", RUNBOOK.read_text(), re.M | re.S))
PROD = monitoring_of_prod()
ALARMS, COMPOSITES = PROD.alarms, PROD.composites
WIDGETS = dashboard(PROD)["widgets"]
TITLES = [each["properties"].get("title", "") for each in WIDGETS]


def test_the_document_is_up_to_date() -> None:
    assert DOCUMENT.read_text() == document(), (
        "python -m tests.components.monitoring.document writes it"
    )


@pytest.mark.parametrize("row", [*GUIDE, *NOT_IN_THE_GUIDE], ids=lambda row: row.what)
def test_every_row_of_the_document_has_its_alarm_and_its_widget(row: Row) -> None:
    assert len(found(row, ALARMS)) == len(row.alarms)
    for start in row.widgets:
        assert any(title.startswith(start) for title in TITLES), start
    assert row.alarms or row.widgets


@pytest.mark.parametrize("row", [row for row in GUIDE if row.alarms], ids=lambda row: row.what)
def test_an_alarm_of_a_guides_row_reads_the_guides_metric(row: Row) -> None:
    # AWS counts UserErrors over all tables of the account, so the handlers count their own.
    ours = {"UserErrors": "TableUserErrors"}
    expected = ours.get(row.what, row.what)
    for each in found(row, ALARMS):
        assert expected in {measure.name for measure in each.metrics}, each.key


def test_the_guides_thresholds_are_the_defaults() -> None:
    thresholds = {each.key: each.threshold for each in reversed(ALARMS)}
    assert thresholds["workflow-failure-rate-high"] == 10
    assert thresholds["workflow-timeout-high"] == 5
    assert thresholds["workflow-execution-time-high"] == 600_000
    assert thresholds["lambda-error-rate-high-workflow-start"] == 5
    assert thresholds["lambda-duration-high-task-generation"] == 30_000
    assert thresholds["functions-throttled"] == 0
    assert thresholds["account-concurrency-high"] == 800
    assert thresholds["lambda-concurrency-high-task-generation"] == pytest.approx(19.2)
    assert thresholds["table-read-capacity-high"] == 80
    assert thresholds["table-write-capacity-high"] == 80
    assert thresholds["table-user-errors"] == 0
    assert thresholds["table-system-errors"] == 0


def test_every_metric_of_the_guide_is_on_the_dashboard() -> None:
    drawn = {
        row[1]
        for widget in WIDGETS
        for row in widget["properties"].get("metrics", [])
        if len(row) > 1
    }
    assert {row.what for row in GUIDE} - drawn == set()


@pytest.mark.parametrize("each", [*ALARMS, *COMPOSITES], ids=lambda each: each.name)
def test_the_runbook_has_a_section_for_every_alarm(each: Alarm | Composite) -> None:
    section = SECTIONS[each.description.anchor]
    assert "**何が起きているか**" in section
    assert "**What it is**" in section
    assert "**する事 / Do**" in section
    assert each.description.runbook == PROD.settings.alarms.runbook
    assert len(str(each.description)) <= 1024  # (CloudWatch API: PutMetricAlarm)


def test_the_runbook_has_no_section_without_an_alarm() -> None:
    backups = PROD.settings.backups.model_copy(update={"enabled": True})
    settings = PROD.settings.model_copy(update={"backups": backups})
    every = (*Monitoring(PROD.names, settings).alarms, *COMPOSITES)
    assert set(SECTIONS) == {each.description.anchor for each in every}


def test_the_runbooks_links_and_queries_exist() -> None:
    text = RUNBOOK.read_text()
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= set(SECTIONS)
    named = set(re.findall(r"`([a-z]+(?:-[a-z]+)+)`", text))
    assert {each.key for each in PROD.saved_queries} <= named

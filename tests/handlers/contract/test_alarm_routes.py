"""Slack reads the fields that the infrastructure writes into an alarm's name and description."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.contract.alarm_routes import (
    COMPOSITE_ROUTES,
    AlarmDescription,
    AlarmRoute,
    composite_name,
    metric_alarm_name,
    read_route,
)
from handlers.contract.languages import BilingualText

words = st.from_regex(r"[a-z0-9]+(-[a-z0-9]+)*", fullmatch=True)
lines = st.text(st.characters(exclude_characters="\n"), min_size=1)
runbooks = st.from_regex(r"[^\s#]+", fullmatch=True)
anchors = st.from_regex(r"[A-Za-z0-9_-]+", fullmatch=True)


@given(words, st.sampled_from(COMPOSITE_ROUTES))
def test_the_route_of_a_composite_is_read_back_from_its_name(
    prefix: str, route: AlarmRoute
) -> None:
    assert read_route(composite_name(prefix, route)) is route


@given(words, words)
def test_the_name_of_a_metric_alarm_reads_as_no_composites(prefix: str, key: str) -> None:
    if key.rpartition("-")[2] in COMPOSITE_ROUTES:
        with pytest.raises(ValueError, match="end the names of composite alarms"):
            metric_alarm_name(prefix, key)
    else:
        assert read_route(metric_alarm_name(prefix, key)) is AlarmRoute.SELF


@pytest.mark.parametrize("key", ["notices", "queue-notices", "database-outage"])
def test_a_metric_alarm_may_not_be_named_like_a_composite(key: str) -> None:
    with pytest.raises(ValueError, match=f"goal-mandala-dev-{key}: the last word"):
        metric_alarm_name("goal-mandala-dev", key)


@given(lines, lines, runbooks, anchors)
def test_a_description_is_read_back_as_it_was_written(
    en: str, ja: str, runbook: str, anchor: str
) -> None:
    written = AlarmDescription(BilingualText(en=en, ja=ja), runbook, anchor)
    read = AlarmDescription.read(str(written))
    assert read
    assert read == written
    assert (read.text.in_language("en"), read.text.in_language("ja")) == (en, ja)
    assert read.section == f"{runbook}#{anchor}"


@given(st.text())
def test_any_text_has_no_fields_or_is_what_its_fields_write(text: str) -> None:
    read = AlarmDescription.read(text)
    assert read is None or str(read) == text


@pytest.mark.parametrize(
    ("text", "runbook", "anchor"),
    [
        (BilingualText(en="Two\nlines.", ja="一行"), "docs/runbook.md", "outage"),
        (BilingualText(en="", ja="一行"), "docs/runbook.md", "outage"),
        (BilingualText(en="One line.", ja="一行"), "docs/run book.md", "outage"),
        (BilingualText(en="One line.", ja="一行"), "docs/runbook.md#outage", "outage"),
        (BilingualText(en="One line.", ja="一行"), "docs/runbook.md", "an outage"),
        (BilingualText(en="One line.", ja="一行"), "docs/runbook.md", "停止"),
    ],
)
def test_a_description_that_could_not_be_read_back_is_refused(
    text: BilingualText, runbook: str, anchor: str
) -> None:
    with pytest.raises(ValueError, match="a text is one line"):
        AlarmDescription(text, runbook, anchor)

"""Links to the console, in which no text from outside can change the address."""

import re
from datetime import timedelta
from urllib.parse import unquote

from hypothesis import given
from hypothesis import strategies as st

from handlers.slack import console_links
from tests.handlers.slack.notices import AT, EXECUTION_ID, LOG_GROUPS


def decoded(url: str) -> str:
    """What the console reads behind `queryDetail`, by its own two decodings."""
    detail = url.partition("$3FqueryDetail$3D")[2]
    return unquote(unquote(detail.replace("$", "%")))


def text_of(detail: str, name: str) -> str:
    """One text of a query's detail."""
    found = re.search(rf"{name}~'([^~)]*)", detail)
    assert found
    return re.sub(r"(\*[0-9a-f]{2})+", lambda run: unquote(run[0].replace("*", "%")), found[1])


def test_a_log_query_is_encoded_as_the_console_encodes_it() -> None:
    url = console_links.logs_insights("fields @message", "eu-west-1", ["/aws/a"], AT, AT)
    assert url == (
        "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1"
        "#logsV2:logs-insights$3FqueryDetail$3D$257E$2528end$257E$25272026-11-24T09*3a30*3a00.000Z"
        "$257Estart$257E$25272026-11-24T09*3a30*3a00.000Z$257EtimeType$257E$2527ABSOLUTE"
        "$257Etz$257E$2527UTC$257EeditorString$257E$2527fields*20*40message"
        "$257Esource$257E$2528$257E$2527*2faws*2fa$2529$2529"
    )


def test_the_logs_of_an_execution_is_asked_of_every_log() -> None:
    end = AT + timedelta(minutes=5)
    url = console_links.logs_of(EXECUTION_ID, "ap-northeast-1", LOG_GROUPS, AT, end)
    detail = decoded(url)
    assert EXECUTION_ID in text_of(detail, "editorString")
    assert text_of(detail, "start") == "2026-11-24T09:30:00.000Z"
    assert text_of(detail, "end") == "2026-11-24T09:35:00.000Z"
    for group in LOG_GROUPS:
        assert f"'{group.replace('/', '*2f')}" in detail
    assert len(url) < 3000


@given(st.text(max_size=200))
def test_any_query_comes_back_as_it_was(query: str) -> None:
    url = console_links.logs_insights(query, "ap-northeast-1", ["/aws/a"], AT, AT)
    assert re.fullmatch(r"[\w:/.?=#$*-]+", url, re.ASCII)
    assert text_of(decoded(url), "editorString") == query


@given(st.text(min_size=1, max_size=100))
def test_an_alarms_name_is_encoded_in_its_url(name: str) -> None:
    arn = f"arn:aws:cloudwatch:ap-northeast-1:123456789012:alarm:{name}"
    url = console_links.alarm(arn)
    assert re.fullmatch(r"https://ap-northeast-1\.console\.aws\.amazon\.com/[\w.%~#:?=/-]+", url)
    assert unquote(url.partition("#alarmsV2:alarm/")[2]) == name


def test_an_execution_is_shown_by_its_arn() -> None:
    arn = f"arn:aws:states:ap-northeast-1:123456789012:execution:Machine:{EXECUTION_ID}"
    assert console_links.execution(arn).endswith(f"#/v2/executions/details/{arn}")

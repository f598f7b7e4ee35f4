"""A style of messages, and a webhook that keeps them."""

from collections.abc import Iterator

import pytest

from handlers.slack.style import Style
from localcloud.slack.server import SlackSink
from tests.handlers.slack.notices import LOG_GROUPS, RUNBOOK


@pytest.fixture
def style() -> Style:
    """In English."""
    return Style(
        language="en",
        escalate_percent=50,
        mention="<!here>",
        runbook=RUNBOOK,
        dashboard="https://ap-northeast-1.console.aws.amazon.com/cloudwatch/home#dashboards",
        region="ap-northeast-1",
        log_groups=LOG_GROUPS,
    )


@pytest.fixture
def sink() -> Iterator[SlackSink]:
    """A webhook that keeps its messages."""
    with SlackSink() as sink:
        yield sink

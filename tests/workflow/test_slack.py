"""An execution's ending in Slack, by the deployed machine, topic, queue and function."""

import json
import time
from collections.abc import Callable
from typing import Any
from urllib.request import Request, urlopen

import pytest

from components.names import Names
from tests.workflow.stage import Stage, small_goal

NAMES = Names("local", "123456789012", "ap-northeast-1")
_TIMEOUT_SECONDS = 60
REFUSED = {"kind": "refused", "times": 99}


class SlackChannel:
    """The messages in the Slack sink and in the dead-letter queue."""

    def __init__(self, stage: Stage) -> None:
        self._url = stage.state.slack_url
        self._sqs = stage.state.client("sqs")

    def messages_about(self, text: str) -> list[dict[str, Any]]:
        with urlopen(f"{self._url}/messages") as reply:
            messages: list[dict[str, Any]] = json.load(reply)
        return [each for each in messages if text in json.dumps(each)]

    def answers_next(self, **fault: object) -> None:
        body = json.dumps([fault]).encode()
        urlopen(Request(f"{self._url}/faults", body, method="PUT")).close()

    def dead_letters_about(self, text: str) -> list[dict[str, Any]]:
        answer = self._sqs.receive_message(
            QueueUrl=NAMES.queue_url(NAMES.slack_dead_letter_queue),
            MaxNumberOfMessages=10,
            MessageAttributeNames=["reason"],
            VisibilityTimeout=0,
        )
        return [each for each in answer.get("Messages", []) if text in each["Body"]]


@pytest.fixture
def slack(stage: Stage) -> SlackChannel:
    """The Slack channel, without pending messages of earlier tests."""
    sqs = stage.state.client("sqs")
    sqs.purge_queue(QueueUrl=NAMES.queue_url(NAMES.slack_queue))
    stage.state.client("dynamodb").delete_item(
        TableName=stage.state.table_name,
        Key={"pk": {"S": "slack#endings"}, "sk": {"S": "slack"}},
    )
    return SlackChannel(stage)


def soon(ask: Callable[[], list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Poll until there is an answer."""
    give_up_at = time.monotonic() + _TIMEOUT_SECONDS
    while not (found := ask()) and time.monotonic() < give_up_at:
        time.sleep(0.1)
    return found


def partial_execution(stage: Stage) -> str:
    """The id of an execution in which one of two actions failed."""
    mandala = stage.place(small_goal("走る習慣をつくる"))
    faults = {mandala.actions[0].action_id: REFUSED}
    ended = stage.run(mandala, faults)
    assert ended.snapshot.status == "PARTIALLY_SUCCEEDED"
    return ended.execution_id


def test_a_partial_success_is_sent_to_slack_and_a_success_is_not(
    stage: Stage, slack: SlackChannel
) -> None:
    quiet = stage.run(stage.place(small_goal("静かな目標", size=1))).execution_id
    slack.answers_next(status=429, code="rate_limited", retry_after=1)
    execution_id = partial_execution(stage)
    [message] = soon(lambda: slack.messages_about(execution_id))
    shown = json.dumps(message, ensure_ascii=False)
    assert "成功 1 / 失敗 1 / 全 2" in shown
    assert f":execution:TaskGenerationWorkflow-local:{execution_id}" in shown
    assert "走る習慣" not in shown
    assert not slack.messages_about(quiet)


def test_a_message_that_slack_refuses_becomes_a_dead_letter(
    stage: Stage, slack: SlackChannel
) -> None:
    slack.answers_next(status=404, code="no_service")
    execution_id = partial_execution(stage)
    [letter] = soon(lambda: slack.dead_letters_about(execution_id))
    assert letter["MessageAttributes"]["reason"]["StringValue"] == "404 no_service"
    assert not slack.messages_about(execution_id)

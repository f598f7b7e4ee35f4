"""The function as Lambda calls it: records of SQS in, messages to Slack, the others kept."""

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import EndpointConnectionError

from components.names import SLACK_WEBHOOK
from handlers import slack_notifier
from handlers.contract.environment import Env
from handlers.contract.metric_names import MetricName
from handlers.slack.wiring import sender
from localcloud.slack.server import SlackSink, WebhookError
from tests.handlers.lambda_context import LambdaContext
from tests.handlers.measured import measured
from tests.handlers.roles import NAMES
from tests.handlers.slack.notices import (
    LOG_GROUPS,
    RUNBOOK,
    composite_alarm,
    ended,
    enveloped,
    metric_alarm,
)
from tests.handlers.world import TABLE_NAME, client, new_client

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass
class Notifier:
    """The function, its queues in moto and its Slack."""

    sink: SlackSink
    sqs: Any
    queue: str
    dead_letters: str

    def receives(self, *bodies: str, milliseconds: int = 60_000) -> list[str]:
        """Bodies that have to be delivered again, after one invocation with all of them."""
        for body in bodies:
            self.sqs.send_message(QueueUrl=self.queue, MessageBody=body)
        answer = self.sqs.receive_message(
            QueueUrl=self.queue, MaxNumberOfMessages=10, AttributeNames=["All"]
        )
        records = [_record(message) for message in answer.get("Messages", [])]
        assert len(records) >= len(bodies)
        result = slack_notifier.handler({"Records": records}, LambdaContext(milliseconds))
        failed = {each["itemIdentifier"] for each in result["batchItemFailures"]}
        for record in records:
            if record["messageId"] not in failed:
                self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=record["receiptHandle"])
        return [record["body"] for record in records if record["messageId"] in failed]

    def kept(self) -> dict[str, str]:
        """Dead letters: body -> reason."""
        answer = self.sqs.receive_message(
            QueueUrl=self.dead_letters,
            MaxNumberOfMessages=10,
            MessageAttributeNames=["reason"],
        )
        return {
            message["Body"]: message["MessageAttributes"]["reason"]["StringValue"]
            for message in answer.get("Messages", [])
        }

    def headlines(self) -> list[str]:
        return [message["text"] for message in self.sink.messages]


@pytest.fixture
def notifier(
    dynamodb: "DynamoDBClient", sink: SlackSink, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Notifier]:
    sqs, secrets = client("sqs"), client("secretsmanager")
    names = [NAMES.slack_queue, NAMES.slack_dead_letter_queue]
    queue, dead_letters = (sqs.create_queue(QueueName=name)["QueueUrl"] for name in names)
    secret = secrets.create_secret(Name=NAMES.secret(SLACK_WEBHOOK), SecretString=sink.webhook)[
        "ARN"
    ]
    for name, value in {
        Env.ENVIRONMENT: "test",
        Env.TABLE_NAME: TABLE_NAME,
        Env.TTL_DAYS: "90",
        Env.SLACK_WEBHOOK_SECRET_ARN: secret,
        Env.SLACK_QUEUE_URL: queue,
        Env.SLACK_DEAD_LETTERS_URL: dead_letters,
        Env.SLACK_LANGUAGE: "ja",
        Env.SLACK_ESCALATE_PERCENT: "50",
        Env.SLACK_MENTION: "",
        Env.RUNBOOK_URL: RUNBOOK,
        Env.DASHBOARD_URL: "https://console.example/dashboard",
        Env.LOG_GROUPS: ",".join(LOG_GROUPS),
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("POWERTOOLS_TRACE_DISABLED", "1")
    monkeypatch.setattr("handlers.slack.webhook.PACE_SECONDS", 0.0)
    sender.cache_clear()
    yield Notifier(sink, sqs, queue, dead_letters)
    sender.cache_clear()


def test_an_alarm_its_recovery_and_an_ended_execution_are_three_messages(
    notifier: Notifier, capsys: pytest.CaptureFixture[str]
) -> None:
    over = composite_alarm(
        NewStateValue="OK", OldStateValue="ALARM", StateChangeTime="2026-11-24T09:42:00.463+0000"
    )
    for body in (composite_alarm(), over, ended()):
        assert notifier.receives(enveloped(body)) == []
    assert notifier.headlines() == [
        "🔴 アラーム: goal-mandala-test-outage",
        "🟢 復旧: goal-mandala-test-outage",
        "🟠 一部失敗",
    ]
    assert "12分0秒" in json.dumps(notifier.sink.messages[1], ensure_ascii=False)
    assert measured(_metrics(capsys))[MetricName.SLACK_MESSAGES] == [1, 1, 1]


def test_a_composite_alarm_is_sent_with_the_values_of_its_children(notifier: Notifier) -> None:
    cloudwatch = client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName="goal-mandala-test-workflow-failure-rate-high",
        MetricName="ExecutionsFailed",
        Namespace="AWS/States",
        Statistic="Sum",
        Period=300,
        EvaluationPeriods=1,
        Threshold=10,
        ComparisonOperator="GreaterThanThreshold",
    )
    cloudwatch.set_alarm_state(
        AlarmName="goal-mandala-test-workflow-failure-rate-high",
        StateValue="ALARM",
        StateReason="Threshold Crossed: 1 datapoint [37.5 (24/11/26 09:25:00)] was greater",
    )
    assert notifier.receives(enveloped(composite_alarm())) == []
    shown = json.dumps(notifier.sink.messages[0], ensure_ascii=False)
    assert "workflow-failure-rate-high: 37.5（しきい値 &gt; 10）" in shown


def test_a_message_delivered_twice_is_sent_once(notifier: Notifier) -> None:
    for _ in range(2):
        assert notifier.receives(enveloped(ended())) == []
        assert notifier.receives(enveloped(metric_alarm())) == []
    assert len(notifier.sink.messages) == 2


def test_an_unreadable_message_is_a_dead_letter_unchanged(notifier: Notifier) -> None:
    assert notifier.receives("{}", enveloped(metric_alarm())) == []
    assert notifier.kept() == {"{}": "unreadable"}
    assert len(notifier.sink.messages) == 1


def test_a_message_that_slack_refuses_is_a_dead_letter_with_the_reason(
    notifier: Notifier, capsys: pytest.CaptureFixture[str]
) -> None:
    notifier.sink.faults.extend([WebhookError(404, "no_service")])
    body = enveloped(metric_alarm())
    assert notifier.receives(body) == []
    assert notifier.kept() == {body: "404 no_service"}
    assert measured(_metrics(capsys)) == {MetricName.SLACK_FAILURES: [1]}


def test_a_dead_letter_is_sent_after_its_redrive(notifier: Notifier) -> None:
    notifier.sink.faults.append(WebhookError(410, "channel_is_archived"))
    body = enveloped(metric_alarm())
    notifier.receives(body)
    assert notifier.receives(*notifier.kept()) == []
    assert len(notifier.sink.messages) == 1


def test_while_slack_asks_for_a_wait_all_messages_wait_that_long(
    notifier: Notifier,
) -> None:
    notifier.sink.faults.append(WebhookError(429, "rate_limited", retry_after=100))
    bodies = [enveloped(composite_alarm()), enveloped(ended())]
    assert notifier.receives(*bodies) == bodies
    answer = notifier.sqs.get_queue_attributes(QueueUrl=notifier.queue, AttributeNames=["All"])
    assert answer["Attributes"]["ApproximateNumberOfMessagesNotVisible"] == "2"
    assert not notifier.sink.messages
    assert not notifier.kept()


def test_a_message_for_later_is_sent_at_its_next_delivery(notifier: Notifier) -> None:
    notifier.sink.faults.append(WebhookError(429, "rate_limited", retry_after=100))
    body = enveloped(metric_alarm())
    assert notifier.receives(body) == [body]
    assert notifier.receives(body) == []
    assert len(notifier.sink.messages) == 1


def test_many_ended_executions_are_one_message_and_later_ones_wait(notifier: Notifier) -> None:
    ids = [f"01932f5e-1111-7000-8000-{number:012d}" for number in range(11)]
    assert notifier.receives(*[enveloped(ended(each)) for each in ids[:10]]) == []
    assert notifier.headlines() == ["🟠 10件の実行が終了"]
    late = enveloped(ended(ids[10]))
    assert notifier.receives(late) == [late]
    assert len(notifier.sink.messages) == 1


def test_an_alarm_is_sent_while_the_table_is_unavailable(
    notifier: Notifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: object) -> None:
        raise EndpointConnectionError(endpoint_url="https://dynamodb.invalid")

    nowhere = new_client("dynamodb")
    nowhere.meta.events.register("before-send.dynamodb", refuse)

    def clients(service: str, _: object) -> Any:
        return nowhere if service == "dynamodb" else client(service)

    monkeypatch.setattr("handlers.slack.wiring.client", clients)
    assert notifier.receives(enveloped(composite_alarm())) == []
    assert len(notifier.sink.messages) == 1


def test_no_log_line_holds_the_webhook_or_a_notices_text(
    notifier: Notifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = io.StringIO()
    monkeypatch.setattr(
        slack_notifier.telemetry.logger.registered_handler, "stream", lines, raising=True
    )
    notifier.sink.faults.append(WebhookError(400, "CANARY"))
    notifier.receives(enveloped("CANARY of a person", subject="CANARY"), "CANARY")
    logged = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert [line["message"] for line in logged] == ["unreadable", "not sent"]
    for text in ("CANARY", "/services/", notifier.sink.webhook):
        assert text not in lines.getvalue()


def _metrics(capsys: pytest.CaptureFixture[str]) -> str:
    written = capsys.readouterr().out.splitlines()
    return "\n".join(line for line in written if line.startswith('{"_aws"'))


def _record(message: dict[str, Any]) -> dict[str, Any]:
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message["Attributes"],
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "awsRegion": "ap-northeast-1",
    }

"""Lambda entry slack-notifier: what the topics' queue holds, told in Slack."""

import os
from functools import cache
from typing import Any, cast

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from handlers.contract.environment import Env
from handlers.contract.functions import SLACK_NOTIFIER
from handlers.contract.languages import Language
from handlers.contract.metric_names import Metric
from handlers.observability.emit_metrics import count
from handlers.observability.telemetry import Telemetry
from handlers.slack.batching import Delivery
from handlers.slack.deduplication import Memory
from handlers.slack.notices import UnreadableError, read
from handlers.slack.queue import Queue
from handlers.slack.sender import Teller, until
from handlers.slack.style import Style
from handlers.slack.webhook import Answer, Taken, Webhook

telemetry = Telemetry(SLACK_NOTIFIER)

# A message of Slack's waits for the table only so long.
_FEW_TRIES = Config(
    connect_timeout=1, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 2}
)


@telemetry.observe(correlation_id_path="Records[0].messageId")
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """SQS's records -> `{batchItemFailures}`: those that have to be delivered again."""
    failures: list[str] = []
    deliveries: list[Delivery] = []
    for record in event["Records"]:
        try:
            deliveries.append(_delivery(record))
        except UnreadableError as error:
            telemetry.logger.warning("unreadable", messageId=record["messageId"], what=str(error))
            failures += _put_aside(record)
    if deliveries:
        failures += teller().tell(
            deliveries,
            until=until(context.get_remaining_time_in_millis()),
            note=telemetry.logger.info,
        )
    return {"batchItemFailures": [{"itemIdentifier": each} for each in failures]}


@cache
def teller() -> Teller:
    """What this function tells with, made once per cold start."""
    secrets = _client("secretsmanager")
    secret_arn = os.environ[Env.SLACK_WEBHOOK_SECRET_ARN]

    def webhook_url() -> str:
        return secrets.get_secret_value(SecretId=secret_arn)["SecretString"]

    return Teller(
        webhook=Webhook(webhook_url, _counted),
        queue=queue(),
        memory=Memory(_client("dynamodb"), os.environ[Env.TABLE_NAME]),
        cloudwatch=_client("cloudwatch"),
        style=Style(
            language=cast("Language", os.environ[Env.SLACK_LANGUAGE]),
            escalate_percent=float(os.environ[Env.SLACK_ESCALATE_PERCENT]),
            mention=os.environ[Env.SLACK_MENTION],
            runbook=os.environ[Env.RUNBOOK_URL],
            dashboard=os.environ[Env.DASHBOARD_URL],
            region=os.environ["AWS_REGION"],
            log_groups=tuple(os.environ[Env.LOG_GROUPS].split(",")),
        ),
    )


@cache
def queue() -> Queue:
    """The queue that this function reads."""
    return Queue(
        _client("sqs"), os.environ[Env.SLACK_QUEUE_URL], os.environ[Env.SLACK_DEAD_LETTERS_URL]
    )


def _counted(answer: Answer) -> None:
    count(Metric.SLACK_MESSAGES if isinstance(answer, Taken) else Metric.SLACK_FAILURES)


def _delivery(record: dict[str, Any]) -> Delivery:
    return Delivery(
        message_id=record["messageId"],
        receipt=record["receiptHandle"],
        received=int(record["attributes"]["ApproximateReceiveCount"]),
        body=record["body"],
        told=read(record["body"]),
    )


def _put_aside(record: dict[str, Any]) -> list[str]:
    try:
        queue().put_aside(record["body"], "unreadable")
    except (BotoCoreError, ClientError):
        return [record["messageId"]]
    return []


def _client(service: str) -> Any:
    return boto3.client(service, config=_FEW_TRIES)  # pyright: ignore

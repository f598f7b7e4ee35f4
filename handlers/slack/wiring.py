"""The sender of this function, with its clients."""

from functools import cache

from handlers.contract.environment import env
from handlers.contract.metric_names import MetricName
from handlers.observability.emit_metrics import count
from handlers.observability.telemetry import Telemetry
from handlers.runtime.clients import QUICK, client
from handlers.slack.deduplication import SentNotices
from handlers.slack.queue import Queue
from handlers.slack.sender import Sender
from handlers.slack.style import Style
from handlers.slack.webhook import Delivered, PostResult, Webhook


@cache
def sender(telemetry: Telemetry) -> Sender:
    """The sender. Its calls to AWS are quick: no message waits long for the table."""
    cloudwatch, secrets = client("cloudwatch", QUICK), client("secretsmanager", QUICK)

    def webhook_url() -> str:
        secret = secrets.get_secret_value(SecretId=env.SLACK_WEBHOOK_SECRET_ARN)
        return secret["SecretString"]

    return Sender(
        webhook=Webhook(webhook_url, _count),
        queue=Queue(client("sqs", QUICK), env.SLACK_QUEUE_URL, env.SLACK_DEAD_LETTERS_URL),
        sent=SentNotices(client("dynamodb", QUICK), env.TABLE_NAME),
        cloudwatch=cloudwatch,
        style=Style(
            language=env.SLACK_LANGUAGE,
            escalate_percent=env.SLACK_ESCALATE_PERCENT,
            mention=env.SLACK_MENTION,
            runbook=env.RUNBOOK_URL,
            dashboard=env.DASHBOARD_URL,
            region=cloudwatch.meta.region_name,
            log_groups=env.LOG_GROUPS,
        ),
        telemetry=telemetry,
    )


def _count(result: PostResult) -> None:
    accepted = isinstance(result, Delivered)
    count(MetricName.SLACK_MESSAGES if accepted else MetricName.SLACK_FAILURES)

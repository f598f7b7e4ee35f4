"""The sender of this function, with its clients."""

from functools import cache

from handlers.contract.environment import SlackVariables, TableVariables, read
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
    variables, cloudwatch = read(SlackVariables), client("cloudwatch", QUICK)
    secrets = client("secretsmanager", QUICK)

    def webhook_url() -> str:
        secret_arn = variables.SLACK_WEBHOOK_SECRET_ARN
        return secrets.get_secret_value(SecretId=secret_arn)["SecretString"]

    queue_urls = (variables.SLACK_QUEUE_URL, variables.SLACK_DEAD_LETTERS_URL)
    return Sender(
        webhook=Webhook(webhook_url, _count),
        queue=Queue(client("sqs", QUICK), *queue_urls),
        sent=SentNotices(client("dynamodb", QUICK), read(TableVariables).TABLE_NAME),
        cloudwatch=cloudwatch,
        style=Style(
            language=variables.SLACK_LANGUAGE,
            escalate_percent=variables.SLACK_ESCALATE_PERCENT,
            mention=variables.SLACK_MENTION,
            runbook=variables.RUNBOOK_URL,
            dashboard=variables.DASHBOARD_URL,
            region=cloudwatch.meta.region_name,
            log_groups=variables.LOG_GROUPS,
        ),
        telemetry=telemetry,
    )


def _count(result: PostResult) -> None:
    accepted = isinstance(result, Delivered)
    count(MetricName.SLACK_MESSAGES if accepted else MetricName.SLACK_FAILURES)

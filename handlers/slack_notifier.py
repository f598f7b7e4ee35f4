"""Lambda entry slack-notifier: sends the notices in the topics' queue to Slack."""

from typing import Any

from handlers.contract.functions import SLACK_NOTIFIER
from handlers.observability.telemetry import Telemetry
from handlers.runtime.init_phase import in_init_phase
from handlers.slack.sender import stop_at
from handlers.slack.wiring import sender

telemetry = Telemetry(SLACK_NOTIFIER)


@telemetry.observe(correlation_id_path="Records[0].messageId")
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """SQS's event -> `{batchItemFailures}`: the messages that SQS has to deliver again."""
    until = stop_at(context.get_remaining_time_in_millis())
    failures = sender(telemetry).send(event["Records"], until=until)
    return {"batchItemFailures": [{"itemIdentifier": each} for each in failures]}


in_init_phase(SLACK_NOTIFIER, lambda: sender(telemetry))

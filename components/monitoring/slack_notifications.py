"""From the topics to Slack: a queue that both feed, the function that reads it, dead letters."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.iam.grants import Statement, document, senders
from components.monitoring.alerting_stack import AlertingStack
from components.names import Names
from components.settings.sections import Slack
from handlers.contract.functions import SLACK_NOTIFIER

BATCH_SIZE = 500
"""Messages at once: a flood becomes few messages in Slack. (SNS's are 2 kB, Lambda takes 6 MB.)"""

BATCH_WINDOW_SECONDS = 10
"""How long Lambda waits for a batch to fill. No alarm is so urgent that this would count."""

_VISIBILITY_SECONDS = 6 * SLACK_NOTIFIER.timeout_seconds
"""(AWS Lambda Developer Guide: at least six times the function's time-out)"""

_MOST_RECEIVES = 50
"""While Slack is away a message is tried every 15 minutes at most: half a day."""

_FORTNIGHT_SECONDS = 14 * 24 * 3600


@dataclass(frozen=True)
class SlackNotificationsArgs:
    """What differs between stacks.

    alias: of the function slack-notifier.
    kms_key_arn: customer key of both queues.
    after: what the function needs to do its work.
    """

    names: Names
    settings: Slack
    alerting: AlertingStack
    alias: aws.lambda_.Alias
    kms_key_arn: pulumi.Input[str]
    after: Sequence[pulumi.Resource]


class SlackNotifications(pulumi.ComponentResource):
    """Subscriptions of a queue to both topics, and the mapping that gives it to the function."""

    queue: aws.sqs.Queue
    dead_letters: aws.sqs.Queue

    def __init__(
        self,
        name: str,
        args: SlackNotificationsArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("goalmandala:workflow:SlackNotifications", name, None, opts)
        self._name = name
        self._args = args
        names, alerting = args.names, args.alerting
        dead_letters_arn = names.queue_arn(names.slack_dead_letter_queue)
        self._redrive = {"deadLetterTargetArn": dead_letters_arn}
        self.dead_letters = aws.sqs.Queue(
            f"{name}-dead-letters",
            name=names.slack_dead_letter_queue,
            kms_master_key_id=args.kms_key_arn,
            message_retention_seconds=_FORTNIGHT_SECONDS,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.queue = aws.sqs.Queue(
            f"{name}-queue",
            name=names.slack_queue,
            kms_master_key_id=args.kms_key_arn,
            message_retention_seconds=_FORTNIGHT_SECONDS,
            visibility_timeout_seconds=_VISIBILITY_SECONDS,
            redrive_policy=json.dumps({**self._redrive, "maxReceiveCount": _MOST_RECEIVES}),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.dead_letters]),
        )
        policies = [
            self._policy("queue", self.queue, names.slack_queue),
            self._policy("dead-letters", self.dead_letters, names.slack_dead_letter_queue),
        ]
        self._subscribe("alerts", alerting.alerts, policies)
        self._subscribe("notifications", alerting.notifications, policies, told(args.settings))
        aws.lambda_.EventSourceMapping(
            f"{name}-mapping",
            event_source_arn=self.queue.arn,
            function_name=args.alias.arn,
            batch_size=BATCH_SIZE,
            maximum_batching_window_in_seconds=BATCH_WINDOW_SECONDS,
            function_response_types=["ReportBatchItemFailures"],
            # The least there is; Slack's pace is one message a second.
            scaling_config={"maximum_concurrency": 2},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*policies, *args.after]),
        )
        self.register_outputs(
            {"queueArn": self.queue.arn, "deadLetterQueueArn": self.dead_letters.arn}
        )

    def _policy(self, kind: str, queue: aws.sqs.Queue, queue_name: str) -> aws.sqs.QueuePolicy:
        return aws.sqs.QueuePolicy(
            f"{self._name}-{kind}-policy",
            queue_url=queue.url,
            policy=document(queue_policy(self._args.names, queue_name)),
            opts=pulumi.ResourceOptions(parent=queue),
        )

    def _subscribe(
        self,
        kind: str,
        topic: aws.sns.Topic,
        policies: Sequence[pulumi.Resource],
        only: dict[str, object] | None = None,
    ) -> None:
        aws.sns.TopicSubscription(
            f"{self._name}-{kind}",
            topic=topic.arn,
            protocol="sqs",
            endpoint=self.queue.arn,
            filter_policy=json.dumps(only) if only else None,
            filter_policy_scope="MessageBody" if only else None,
            redrive_policy=json.dumps(self._redrive),
            opts=pulumi.ResourceOptions(parent=self, depends_on=policies),
        )


def told(settings: Slack) -> dict[str, object]:
    """Filter: the endings that are told, and whatever else than an ending the topic carries.

    By the body, for CloudWatch gives an alarm's message no attributes, and `exists: false` only
    matches where there are some (Amazon SNS Developer Guide: attribute key matching).
    """
    return {"status": [*settings.endings, {"exists": False}]}


def queue_policy(names: Names, queue: str) -> list[Statement]:
    """Our two topics may send, everybody only over TLS."""
    topics = [names.topic_arn(topic) for topic in (names.alerts_topic, names.notifications_topic)]
    return senders(names, queue, "Topics", "sns.amazonaws.com", topics)

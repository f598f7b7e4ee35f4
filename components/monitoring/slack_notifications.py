"""From the topics to Slack: a queue on both topics, the function that reads it, dead letters."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.data.encrypted_queue import Senders, encrypted_queue
from components.monitoring.alerting_stack import AlertingStack
from components.names import Names
from components.settings import SlackSettings
from handlers.contract.functions import SLACK_NOTIFIER

_BATCH_SIZE = 500
"""Messages at once: many notices become few messages in Slack. (A message of SNS has about 2 kB, an
invocation takes 6 MB.)"""

_BATCH_WINDOW_SECONDS = 10
"""How long Lambda waits for a batch to fill. No alarm is so urgent that ten seconds matter."""

_VISIBILITY_SECONDS = 6 * SLACK_NOTIFIER.timeout_seconds
"""(AWS Lambda Developer Guide: at least six times the function's time-out)"""

_MAX_RECEIVES = 50
"""While Slack is down, a message is tried every 15 minutes at most: half a day."""

_MIN_CONCURRENCY = 2
"""The least that an event source mapping takes; Slack accepts one message a second."""


@dataclass(frozen=True)
class SlackNotificationsArgs:
    """What differs between stacks.

    alias: of the function slack-notifier.
    kms_key_arn: customer key of both queues.
    after: what the function needs before it is called.
    """

    names: Names
    settings: SlackSettings
    alerting: AlertingStack
    alias: aws.lambda_.Alias
    kms_key_arn: pulumi.Input[str]
    after: Sequence[pulumi.Resource]


class SlackNotifications(pulumi.ComponentResource):
    """Subscriptions of a queue to both topics, and the mapping from the queue to the function."""

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
        names, alerting = args.names, args.alerting
        topics = Senders("Topics", "sns.amazonaws.com", names.topic_arns)
        dead_letters_arn = names.queue_arn(names.slack_dead_letter_queue)
        self._redrive = {"deadLetterTargetArn": dead_letters_arn}
        self.dead_letters, dead_letters_policy = encrypted_queue(
            f"{name}-dead-letters",
            names.slack_dead_letter_queue,
            names=names,
            senders=topics,
            kms_key_arn=args.kms_key_arn,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.queue, queue_policy = encrypted_queue(
            f"{name}-queue",
            names.slack_queue,
            names=names,
            senders=topics,
            kms_key_arn=args.kms_key_arn,
            visibility_timeout_seconds=_VISIBILITY_SECONDS,
            redrive_policy=json.dumps({**self._redrive, "maxReceiveCount": _MAX_RECEIVES}),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.dead_letters]),
        )
        policies = [queue_policy, dead_letters_policy]
        self._subscribe("alerts", alerting.alerts, policies)
        self._subscribe(
            "notifications", alerting.notifications, policies, filter_policy(args.settings)
        )
        aws.lambda_.EventSourceMapping(
            f"{name}-mapping",
            event_source_arn=self.queue.arn,
            function_name=args.alias.arn,
            batch_size=_BATCH_SIZE,
            maximum_batching_window_in_seconds=_BATCH_WINDOW_SECONDS,
            function_response_types=["ReportBatchItemFailures"],
            scaling_config={"maximum_concurrency": _MIN_CONCURRENCY},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*policies, *args.after]),
        )
        self.register_outputs(
            {"queueArn": self.queue.arn, "deadLetterQueueArn": self.dead_letters.arn}
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


def filter_policy(settings: SlackSettings) -> dict[str, object]:
    """SNS's filter: the endings that the settings list, and every message that is no ending.

    The filter reads the body, because CloudWatch gives an alarm's message no attributes, and
    `exists: false` matches only messages that have some (Amazon SNS Developer Guide: attribute key
    matching).
    """
    return {"status": [*settings.endings, {"exists": False}]}

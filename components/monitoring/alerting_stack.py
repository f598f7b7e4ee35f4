"""The two topics: one for alarms that call a person, one for endings and notices."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.iam.documents import allow_service, document, only_over_tls
from components.names import Names


@dataclass(frozen=True)
class AlertingStackArgs:
    """What differs between stacks.

    kms_key_arn: customer key of both topics.
    alert_emails: who gets the alarms, after confirming AWS's mail.
    """

    names: Names
    kms_key_arn: pulumi.Input[str]
    alert_emails: list[str]


class AlertingStack(pulumi.ComponentResource):
    """Two encrypted topics with their policies, and the operators' subscriptions."""

    alerts: aws.sns.Topic
    notifications: aws.sns.Topic
    alerts_policy: aws.sns.TopicPolicy
    notifications_policy: aws.sns.TopicPolicy

    def __init__(
        self,
        name: str,
        args: AlertingStackArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("goalmandala:workflow:AlertingStack", name, None, opts)
        self._name = name
        self._args = args
        self.alerts, self.alerts_policy = self._topic("alerts", args.names.alerts_topic)
        self.notifications, self.notifications_policy = self._topic(
            "notifications", args.names.notifications_topic
        )
        for email in args.alert_emails:
            aws.sns.TopicSubscription(
                f"{name}-alerts-{email}",
                topic=self.alerts.arn,
                protocol="email",
                endpoint=email,
                opts=pulumi.ResourceOptions(parent=self.alerts),
            )
        self.register_outputs(
            {"alertsTopicArn": self.alerts.arn, "notificationsTopicArn": self.notifications.arn}
        )

    def _topic(self, kind: str, topic_name: str) -> tuple[aws.sns.Topic, aws.sns.TopicPolicy]:
        names = self._args.names
        topic = aws.sns.Topic(
            f"{self._name}-{kind}",
            name=topic_name,
            kms_master_key_id=self._args.kms_key_arn,
            opts=pulumi.ResourceOptions(parent=self),
        )
        arn = names.topic_arn(topic_name)
        alarms_may_publish = allow_service(
            "Alarms",
            "cloudwatch.amazonaws.com",
            "sns:Publish",
            arn,
            StringEquals={"aws:SourceAccount": names.account},
            ArnLike={"aws:SourceArn": names.alarm_arns},
        )
        policy = aws.sns.TopicPolicy(
            f"{self._name}-{kind}-policy",
            arn=topic.arn,
            policy=document([only_over_tls("sns:Publish", arn), alarms_may_publish]),
            opts=pulumi.ResourceOptions(parent=topic),
        )
        return topic, policy

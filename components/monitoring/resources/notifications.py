"""Queues and topics: what waits in a dead-letter queue, and does Slack take messages?

E-mail still brings these alarms when Slack does not.
"""

from components.monitoring.alarm_factory import Alarm, AlarmFactory, Evaluation
from components.monitoring.graphs import GraphWidget
from components.monitoring.metric_factory import MetricFactory
from components.monitoring.metric_math import filled, in_vain, total_of_many
from handlers.contract.alarm_routes import AlarmRoute
from handlers.contract.languages import BilingualText
from handlers.contract.metric_names import MetricName

_TRIES = 3
"""So many failed posts to Slack are more than a hiccup."""


class NotificationsMonitoring:
    """Alarms and widgets of dead-letter queues, topics and Slack."""

    def __init__(self, metrics: MetricFactory, alarms: AlarmFactory) -> None:
        self._metrics = metrics
        self._factory = alarms
        names = metrics.names
        reconcile_dead_letters = self._waiting(
            "reconcile-dead-letters",
            # no hurry: the next sweep ends the executions of these events
            AlarmRoute.CHORES,
            names.dead_letter_queue,
            BilingualText(
                "Events of executions could not be handled. Mend the cause, then redrive it.",
                "処理できなかった実行イベントがあります。原因を解消し、キューを再処理してください。",
            ),
        )
        archive_dead_letters = self._waiting(
            "archive-dead-letters",
            # no hurry: the next run copies what this one did not
            AlarmRoute.CHORES,
            names.archive_dead_letter_queue,
            BilingualText(
                "Runs of workflow-archive failed. Mend the cause, see that the next run succeeds,"
                " then purge the queue.",
                "アーカイブの実行が失敗しました。原因を解消し、次の実行の成功を確認してから"
                "キューを空にしてください。",
            ),
        )
        slack_dead_letters = self._waiting(
            "slack-dead-letters",
            AlarmRoute.UNDELIVERED,
            names.slack_dead_letter_queue,
            BilingualText(
                "Messages could not be told to Slack. Mostly the webhook was revoked: set a new"
                " one, then redrive the queue.",
                "Slackに届けられなかったメッセージがあります。Webhookを再設定し、キューを再処理して"
                "ください。",
            ),
        )
        slack_failing = alarms.alarm(
            "slack-failing",
            BilingualText(
                "Slack takes no messages of ours. Is Slack up, is the webhook still valid? Until"
                " then read the e-mails.",
                "Slackへの送信が失敗し続けています。Slackの稼働状況とWebhookを確認し、それまでは"
                "メールを確認してください。",
            ),
            {
                "failures": metrics.own(MetricName.SLACK_FAILURES),
                "messages": metrics.own(MetricName.SLACK_MESSAGES),
                "failing": in_vain(filled("failures"), "messages", _TRIES),
            },
            0,
            route=AlarmRoute.UNDELIVERED,
            unit="yes (1) or no (0)",
        )
        failed = {
            f"t{number}": metrics.topic(topic, "NumberOfNotificationsFailed")
            for number, topic in enumerate((names.alerts_topic, names.notifications_topic))
        }
        topic_deliveries_failed = alarms.alarm(
            "topic-deliveries-failed",
            BilingualText(
                "A topic could not deliver to a subscriber. Look at the subscriptions: a queue's"
                " policy, an address that is gone.",
                "トピックが購読先に配信できませんでした。キューのポリシーや宛先を確認してください。",
            ),
            {**failed, "failed": total_of_many(failed)},
            0,
            route=AlarmRoute.UNDELIVERED,
            unit="messages",
        )
        self.alarms = (
            reconcile_dead_letters,
            archive_dead_letters,
            slack_dead_letters,
            slack_failing,
            topic_deliveries_failed,
        )

    def undelivered_graph(self) -> GraphWidget:
        """Messages that wait in each queue; posts that Slack refused and took."""
        return GraphWidget(
            "届かないもの / Undelivered",
            {
                **{
                    queue: self._metrics.queue(queue, "ApproximateNumberOfMessagesVisible")
                    for queue in self._metrics.names.queues
                },
                "Slack refused": self._metrics.own(MetricName.SLACK_FAILURES),
                "Slack took": self._metrics.own(MetricName.SLACK_MESSAGES),
            },
        )

    def _waiting(self, key: str, route: AlarmRoute, queue: str, text: BilingualText) -> Alarm:
        return self._factory.alarm(
            key,
            text,
            {"waiting": self._metrics.queue(queue, "ApproximateNumberOfMessagesVisible")},
            self._factory.settings.dead_letters,
            route=route,
            unit="messages",
            evaluation=Evaluation(self._factory.settings.period),
        )

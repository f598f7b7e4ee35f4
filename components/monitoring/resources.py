"""Alarms on the table, the API, and on what is told to people: topics, queues, Slack."""

from collections.abc import Iterator

from components.monitoring.alarm_factory import Alarm, Service, Words, alarm
from components.monitoring.metric_factory import MetricFactory, MetricStat
from components.settings.sections import Alarms, Table
from handlers.contract.alarm_routes import AlarmRoute
from handlers.contract.metric_names import MetricName
from handlers.contract.table_keys import GOAL_INDEX, MONTH_INDEX, USER_INDEX

INDEXES = (GOAL_INDEX, USER_INDEX, MONTH_INDEX)
OPERATIONS = ("GetItem", "PutItem", "Query", "TransactWriteItems", "UpdateItem")
"""What our functions and the state machine ask of the table."""

_MINUTE = 60
_SUSTAINED_MINUTES = 5
_LOOKED_AT_MINUTES = 15
_ERRORS = 5
"""The floor of the API's error rate: somebody who tries again and again for a minute has three."""
_TRIES = 3
"""Of Slack that fail, before it is more than a hiccup."""
_MANY = 1_000_000
"""More messages than ever are sent in one period."""


def table_alarms(metrics: MetricFactory, settings: Alarms, table: Table) -> Iterator[Alarm]:
    """Of the table and its indexes: an index that is short of capacity throttles the table."""
    prefix = metrics.names.prefix
    parts = (None, *INDEXES)
    throttles = {
        f"{kind[0].lower()}{number}": metrics.table(f"{kind}ThrottleEvents", index=index)
        for kind in ("Read", "Write")
        for number, index in enumerate(parts)
    }
    yield alarm(
        prefix,
        "table-throttled",
        Words(
            f"DynamoDB throttles the table or an index for {_SUSTAINED_MINUTES} minutes. Raise the"
            " capacity or set table.billing to onDemand; on demand, look for one hot goal.",
            f"DynamoDBのスロットリングが{_SUSTAINED_MINUTES}分続いています。容量を増やすか"
            " table.billing を onDemand にしてください。",
        ),
        {**throttles, "throttles": _sum(throttles)},
        settings.throttles,
        settings=settings,
        service=Service.TABLE,
        unit="requests",
        period=_MINUTE,
        points=_SUSTAINED_MINUTES,
        periods=_LOOKED_AT_MINUTES,
    )
    errors = {
        f"e{number}": metrics.table("SystemErrors", operation=operation)
        for number, operation in enumerate(OPERATIONS)
    }
    yield alarm(
        prefix,
        "table-system-errors",
        Words(
            f"DynamoDB itself has failed for {_SUSTAINED_MINUTES} minutes. See AWS's Health"
            " Dashboard; what is under way is retried and, in the end, reconciled.",
            f"DynamoDB自体のエラーが{_SUSTAINED_MINUTES}分続いています。AWS Health Dashboard を"
            "確認してください。処理中の実行は再試行・回復されます。",
        ),
        {**errors, "errors": _sum(errors)},
        settings.system_errors,
        settings=settings,
        service=Service.TABLE,
        unit="requests",
        period=_MINUTE,
        points=_SUSTAINED_MINUTES,
        periods=_LOOKED_AT_MINUTES,
    )
    yield alarm(
        prefix,
        "table-user-errors",
        Words(
            "DynamoDB refused requests of ours as wrong: a defect, or a permission that is missing."
            " Look for ERROR in the functions' logs since the last deployment.",
            "DynamoDBが不正なリクエストとして拒否しました。不具合か権限不足です。直近のデプロイ以降の"
            "エラーログを確認してください。",
        ),
        {"errors": metrics.own(MetricName.TABLE_USER_ERRORS)},
        settings.user_errors,
        settings=settings,
        service=Service.TABLE,
        alarm_route=AlarmRoute.NOTICES,
        unit="requests",
        points=1,
    )
    if table.billing == "provisioned":
        yield _capacity(metrics, settings, "Read", table.read, table.index_read)
        yield _capacity(metrics, settings, "Write", table.write, table.index_write)


def _capacity(
    metrics: MetricFactory, settings: Alarms, kind: str, of_table: int, of_index: int
) -> Alarm:
    capacities = {None: of_table, **dict.fromkeys(INDEXES, of_index)}
    consumed = {
        f"c{number}": metrics.table(f"Consumed{kind}CapacityUnits", index=index)
        for number, index in enumerate(capacities)
    }
    shares = {
        f"share{number}": f"100 * FILL(c{number}, 0) / {capacity * settings.period}"
        for number, capacity in enumerate(capacities.values())
    }
    return alarm(
        metrics.names.prefix,
        f"table-{kind.lower()}-capacity-high",
        Words(
            f"The {kind.lower()} capacity of the table or an index is nearly used up. Raise"
            " it, or set table.billing to onDemand.",
            "テーブルまたはインデックスの容量が上限に近づいています。容量を増やすか"
            " table.billing を onDemand にしてください。",
        ),
        {**consumed, **shares, "share": f"MAX([{', '.join(shares)}])"},
        settings.dynamo_capacity,
        settings=settings,
        service=Service.TABLE,
        alarm_route=AlarmRoute.NOTICES,
    )


def api_alarms(metrics: MetricFactory, settings: Alarms) -> Iterator[Alarm]:
    """Of the API, the gateway's own errors included: they are there when our code is dead."""
    yield alarm(
        metrics.names.prefix,
        "api-error-rate-high",
        Words(
            "Too many requests get 5xx: the database (503), our code (500), or no function at all.",
            "5xxが多すぎます。データベース(503)、コード(500)、関数の起動失敗を確認してください。",
        ),
        {
            "errors": metrics.api("5xx"),
            "requests": metrics.api("Count"),
            "rate": f"IF(FILL(errors, 0) >= {_ERRORS},"
            " 100 * FILL(errors, 0) / FILL(requests, 0), 0)",
        },
        settings.api_error_rate,
        settings=settings,
        service=Service.API,
        period=2 * settings.run_period,
        periods=1,
    )


def notification_alarms(metrics: MetricFactory, settings: Alarms) -> Iterator[Alarm]:
    """Of what waits in a dead-letter queue, and of Slack. E-mail still tells these."""
    names = metrics.names
    for key, alarm_route, queue, words in (
        (
            "reconcile-dead-letters",
            # no hurry: the next sweep ends what these tell of
            AlarmRoute.CHORES,
            names.dead_letter_queue,
            Words(
                "Events of executions could not be handled. Mend the cause, then redrive it.",
                "処理できなかった実行イベントがあります。原因を解消し、キューを再処理してください。",
            ),
        ),
        (
            "slack-dead-letters",
            AlarmRoute.UNDELIVERED,
            names.slack_dead_letter_queue,
            Words(
                "Messages could not be told to Slack. Mostly the webhook was revoked: set a new"
                " one, then redrive the queue.",
                "Slackに届けられなかったメッセージがあります。Webhookを再設定し、キューを再処理して"
                "ください。",
            ),
        ),
    ):
        yield alarm(
            names.prefix,
            key,
            words,
            {"waiting": metrics.queue(queue, "ApproximateNumberOfMessagesVisible")},
            settings.dead_letters,
            settings=settings,
            service=Service.NOTIFICATIONS,
            alarm_route=alarm_route,
            unit="messages",
            points=1,
            periods=1,
        )
    yield alarm(
        names.prefix,
        "slack-failing",
        Words(
            "Slack takes no messages of ours. Is Slack up, is the webhook still valid? Until then"
            " read the e-mails.",
            "Slackへの送信が失敗し続けています。Slackの稼働状況とWebhookを確認し、それまではメールを"
            "確認してください。",
        ),
        {
            "failures": metrics.own(MetricName.SLACK_FAILURES),
            "messages": metrics.own(MetricName.SLACK_MESSAGES),
            # a difference: beside a metric that is there, one that was never sent counts as 0
            "failing": f"IF(FILL(failures, 0) - {_MANY} * FILL(messages, 0) >= {_TRIES}, 1, 0)",
        },
        0,
        settings=settings,
        service=Service.NOTIFICATIONS,
        alarm_route=AlarmRoute.UNDELIVERED,
        unit="yes (1) or no (0)",
    )
    failed = {
        f"t{number}": metrics.topic(topic, "NumberOfNotificationsFailed")
        for number, topic in enumerate((names.alerts_topic, names.notifications_topic))
    }
    yield alarm(
        names.prefix,
        "topic-deliveries-failed",
        Words(
            "A topic could not deliver to a subscriber. Look at the subscriptions: a queue's"
            " policy, an address that is gone.",
            "トピックが購読先に配信できませんでした。キューのポリシーや宛先を確認してください。",
        ),
        {**failed, "failed": _sum(failed)},
        0,
        settings=settings,
        service=Service.NOTIFICATIONS,
        alarm_route=AlarmRoute.UNDELIVERED,
        unit="messages",
    )


def _sum(metrics: dict[str, MetricStat]) -> str:
    return f"SUM([{', '.join(f'FILL({id_}, 0)' for id_ in metrics)}])"

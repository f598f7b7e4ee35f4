"""The alarms on functions, the table, the archive, queues, topics and Slack.

Sources: the guide's アラート設定 (failures 10 %, time-outs 5 %, errors of functions 5 %; periods of
5 minutes), よくある問題 1 to 5 (what else goes wrong) and 監視方法 (what is watched); the design's
Settings (what an operator may choose); components/monitoring/README.md (windows and floors).
"""

from dataclasses import replace

from policies.conventions import TABLE_INDEXES
from policies.rules.monitoring.alarm_model import (
    Bounds,
    ExpectedAlarm,
    Limit,
    Over,
    Route,
    Unit,
    exactly,
)
from policies.rules.monitoring.conditions import Above, InVain, Rate, Share, Silence
from policies.rules.monitoring.windows import (
    DAY,
    FIRST,
    HOUR,
    NEVER,
    NOTICE,
    SUSTAINED,
    USUAL,
    percent,
)

_OWN = "GoalMandala/Workflow"
_LAMBDA = "AWS/Lambda"
_FUNCTION = "goal-mandala-{stack}-{function}"


def _of_table(kind: str) -> tuple[str, ...]:
    return (
        f"AWS/DynamoDB {kind} Sum",
        *(f"AWS/DynamoDB {kind} Sum {each}" for each in TABLE_INDEXES),
    )


_FUNCTIONS = (
    ExpectedAlarm(
        "lambda-error-rate-high-{function}",
        Route.NOTICES,
        Rate(
            (f"{_LAMBDA} Errors Sum {_FUNCTION}",),
            (f"{_LAMBDA} Invocations Sum {_FUNCTION}",),
            of_all=True,
            least=20,
        ),
        percent(2, 25, "lambdaErrorRate"),
        NOTICE,
        always=False,
    ),
    ExpectedAlarm(
        "lambda-duration-high-{function}",
        Route.NOTICES,
        Above((f"{_LAMBDA} Duration Average {_FUNCTION}",)),
        (Limit(Bounds(10, 60, "lambdaDuration"), Unit.SECONDS),),
        NOTICE,
        always=False,
    ),
    ExpectedAlarm(
        "lambda-near-timeout-{function}",
        Route.NOTICES,
        Above((f"{_LAMBDA} Duration p9* {_FUNCTION}",)),
        (Limit(Bounds(50, 95, "timeoutShare"), Unit.FUNCTION_TIMEOUT),),
        NOTICE,
        always=False,
    ),
    ExpectedAlarm(
        "lambda-concurrency-high-{function}",
        Route.NOTICES,
        Above((f"{_LAMBDA} ConcurrentExecutions Maximum {_FUNCTION}",)),
        (Limit(Bounds(50, 95, "concurrency"), Unit.RESERVED),),
        NOTICE,
        always=False,
    ),
    ExpectedAlarm(
        "functions-throttled",
        Route.OUTAGE,
        Above((f"{_LAMBDA} Throttles Sum *",)),
        (Limit(exactly(0, "throttles")),),
        SUSTAINED,
    ),
    ExpectedAlarm(
        "account-concurrency-high",
        Route.NOTICES,
        Above((f"{_LAMBDA} ConcurrentExecutions Maximum",)),
        (Limit(Bounds(50, 95, "concurrency"), Unit.ACCOUNT),),
        NOTICE,
    ),
)

_DATA = (
    ExpectedAlarm(
        "table-throttled",
        Route.OUTAGE,
        Above((*_of_table("ReadThrottleEvents"), *_of_table("WriteThrottleEvents"))),
        (Limit(exactly(0, "throttles")),),
        SUSTAINED,
    ),
    ExpectedAlarm(
        "table-system-errors",
        Route.OUTAGE,
        Above(("AWS/DynamoDB SystemErrors Sum *",)),
        (Limit(exactly(0, "systemErrors")),),
        SUSTAINED,
    ),
    ExpectedAlarm(
        "table-user-errors",
        Route.NOTICES,
        Above((f"{_OWN} TableUserErrors Sum",)),
        (Limit(exactly(0, "userErrors")),),
        FIRST,
    ),
    *(
        ExpectedAlarm(
            f"table-{kind.lower()}-capacity-high",
            Route.NOTICES,
            Share(_of_table(f"Consumed{kind}CapacityUnits")),
            percent(50, 95, "dynamoCapacity"),
            NOTICE,
            always=False,
        )
        for kind in ("Read", "Write")
    ),
)

_ARCHIVED = f"{_OWN} ArchiveLag SampleCount"

_ARCHIVE = (
    ExpectedAlarm(
        "workflow-archive-ran",
        Route.CONDITION,
        Silence(_ARCHIVED, for_ever=True),
        NEVER,
        Over(exactly(HOUR), exactly(1), exactly(1)),
        missing="ignore",
    ),
    ExpectedAlarm(
        "workflow-archive-silent",
        Route.UNDELIVERED,
        Silence(_ARCHIVED),
        NEVER,
        # wiring-executions-archived asks for a run a day
        Over(exactly(DAY), exactly(1), exactly(1)),
        missing="breaching",
    ),
    ExpectedAlarm(
        "workflow-archive-lag-high",
        Route.UNDELIVERED,
        Above((f"{_OWN} ArchiveLag Maximum",)),
        # from the time between two runs to well before the table's TTL
        (Limit(Bounds(21_600, 259_200, "archiveLag")),),
        Over(exactly(HOUR), exactly(1), Bounds(6, 24)),
    ),
)

_BACKUPS = (
    ExpectedAlarm(
        "backup-failed",
        Route.UNDELIVERED,
        Above(
            tuple(
                f"AWS/Backup NumberOfBackupJobs{end} Sum *"
                for end in ("Aborted", "Expired", "Failed")
            )
        ),
        NEVER,
        Over(exactly(HOUR), exactly(1), Bounds(6, 24)),
        always=False,
    ),
    ExpectedAlarm(
        "backup-silent",
        Route.CHORES,
        Silence("AWS/Backup NumberOfBackupJobsCompleted Sum *"),
        NEVER,
        # the day of a backup shifts by the hours in which a job may start and end
        Over(exactly(DAY), exactly(2), exactly(2)),
        missing="breaching",
        always=False,
    ),
)

_MESSAGES = (
    *(
        ExpectedAlarm(
            f"{name}-dead-letters",
            route,
            Above(
                (
                    "AWS/SQS ApproximateNumberOfMessagesVisible Maximum"
                    f" goal-mandala-{{stack}}-{name}-dead-letters",
                )
            ),
            (Limit(exactly(0, "deadLetters")),),
            replace(USUAL, points=exactly(1), periods=exactly(1)),
        )
        for name, route in (
            ("archive", Route.CHORES),
            ("reconcile", Route.CHORES),
            ("slack", Route.UNDELIVERED),
        )
    ),
    ExpectedAlarm(
        "slack-failing",
        Route.UNDELIVERED,
        InVain(f"{_OWN} SlackFailures Sum", f"{_OWN} SlackMessages Sum"),
        NEVER,
        USUAL,
    ),
    ExpectedAlarm(
        "topic-deliveries-failed",
        Route.UNDELIVERED,
        Above(
            tuple(
                f"AWS/SNS NumberOfNotificationsFailed Sum workflow-{each}-{{stack}}"
                for each in ("alerts", "notifications")
            )
        ),
        NEVER,
        USUAL,
    ),
)

OF_RESOURCES = (*_FUNCTIONS, *_DATA, *_ARCHIVE, *_BACKUPS, *_MESSAGES)

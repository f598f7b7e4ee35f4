"""Mutants for `policies.rules.observability`."""

from policies.stack import resource_types
from tests.policies.added_alarm import alarm
from tests.policies.mutate import (
    REMOVED,
    Mutant,
    declare,
    edit_input,
    set_input,
    unchanged,
    without,
    without_dependency,
)
from tests.policies.names import MACHINE, START

MUTANTS = (
    Mutant(
        "observability-traced",
        "a function with tracing mode PassThrough",
        set_input(START, "tracingConfig.mode", "PassThrough"),
    ),
    Mutant(
        "observability-traced",
        "a state machine without tracing",
        set_input(MACHINE, "tracingConfiguration", REMOVED),
    ),
    Mutant("observability-traced", "the program as it is", unchanged, near_miss=True),
    Mutant(
        "observability-machine-log",
        "log level ERROR",
        set_input(MACHINE, "loggingConfiguration.level", "ERROR"),
    ),
    Mutant(
        "observability-machine-log",
        "execution data in the log",
        set_input(MACHINE, "loggingConfiguration.includeExecutionData", value=True),
    ),
    Mutant(
        "observability-machine-log",
        "a log destination without :*",
        edit_input(
            MACHINE,
            "loggingConfiguration.logDestination",
            lambda old: old.removesuffix(":*"),
        ),
    ),
    Mutant("observability-machine-log", "the program as it is", unchanged, near_miss=True),
    Mutant(
        "observability-log-retention",
        "logs without retention",
        set_input("workflow-log", "retentionInDays", REMOVED),
    ),
    Mutant(
        "observability-log-retention",
        "production's logs kept for a month",
        set_input("workflow-log", "retentionInDays", 30),
    ),
    Mutant(
        "observability-log-retention",
        "dev's logs kept for two weeks",
        set_input("workflow-log", "retentionInDays", 14),
        near_miss=True,
        stack="dev",
    ),
    Mutant("observability-log-groups", "a function without a log group", without(f"{START}-log")),
    Mutant(
        "observability-log-groups",
        "a log group that nothing writes to",
        declare(resource_types.LOG_GROUP, "idle", {"name": "/aws/lambda/idle"}),
    ),
    Mutant(
        "observability-log-groups",
        "a log group that may be created after its function",
        without_dependency(START, f"{START}-log"),
    ),
    Mutant(
        "observability-log-groups",
        "a function that names its log group",
        set_input(
            START, "loggingConfig", {"logGroup": "/aws/lambda/goal-mandala-prod-workflow-start"}
        ),
        near_miss=True,
    ),
    Mutant(
        "observability-access-log",
        "a stage without access log",
        set_input("api-stage", "accessLogSettings", REMOVED),
    ),
    Mutant(
        "observability-access-log",
        "no throttling rate",
        set_input("api-stage", "defaultRouteSettings.throttlingRateLimit", REMOVED),
    ),
    Mutant(
        "observability-access-log",
        "an access log without the route",
        set_input("api-stage", "accessLogSettings.format.routeKey", REMOVED),
    ),
    Mutant(
        "observability-access-log",
        "a lower throttling rate",
        set_input("api-stage", "defaultRouteSettings.throttlingRateLimit", 1),
        near_miss=True,
    ),
    Mutant(
        "observability-alarm-sound", "no treatment of missing data", alarm(treatMissingData=REMOVED)
    ),
    Mutant("observability-alarm-sound", "an alarm with a period of 10 s", alarm(period=10)),
    Mutant("observability-alarm-sound", "an alarm with a period below 0", alarm(period=-60)),
    Mutant("observability-alarm-sound", "a period of two minutes", alarm(period=120), True),
)

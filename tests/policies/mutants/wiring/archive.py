"""Mutants for `policies.rules.wiring.archive`."""

from tests.policies.mutate import REMOVED, Mutant, set_input, without

NAME = "wiring-executions-archived"
RULE, TARGET = "archiving-rule", "archiving-target"
FUNCTION = "functions-workflow-archive"
AFTER = "environment.variables.ARCHIVE_AFTER_DAYS"

MUTANTS = (
    Mutant(NAME, "the archive once a week", set_input(RULE, "scheduleExpression", "rate(7 days)")),
    Mutant(
        NAME,
        "the archive on Mondays",
        set_input(RULE, "scheduleExpression", "cron(0 18 ? * MON *)"),
    ),
    Mutant(
        NAME,
        "a run every five minutes, which takes up to fifteen",
        set_input(RULE, "scheduleExpression", "rate(5 minutes)"),
    ),
    Mutant(
        NAME,
        "the archive every night",
        set_input(RULE, "scheduleExpression", "cron(0 18 * * ? *)"),
        near_miss=True,
    ),
    Mutant(
        NAME,
        "the archive once a day",
        set_input(RULE, "scheduleExpression", "rate(1 day)"),
        near_miss=True,
    ),
    Mutant(NAME, "the archive disabled", set_input(RULE, "state", "DISABLED")),
    Mutant(NAME, "a schedule without a target", without(TARGET)),
    Mutant(
        NAME,
        "the schedule invokes another function",
        set_input(
            TARGET,
            "arn",
            "arn:aws:lambda:ap-northeast-1:123456789012:function:goal-mandala-prod-workflow-finish:live",
        ),
    ),
    Mutant(NAME, "executions are copied when they expire", set_input(FUNCTION, AFTER, "90")),
    Mutant(
        NAME,
        "executions are copied a week before they expire",
        set_input(FUNCTION, AFTER, "83"),
        near_miss=True,
    ),
    Mutant(NAME, "no age at which executions are copied", set_input(FUNCTION, AFTER, REMOVED)),
    Mutant(
        NAME, "the function under another name", set_input(FUNCTION, "name", "goal-mandala-prod-x")
    ),
)

"""Mutants for `policies.rules.wiring.reconciliation`."""

from tests.policies.mutate import Mutant, set_input, unchanged, without

NAME = "wiring-dead-executions-found"
SWEEP, ENDED = "reconciliation-sweep", "reconciliation-ended"

MUTANTS = (
    Mutant(NAME, "the sweep once a day", set_input(SWEEP, "scheduleExpression", "rate(1 day)")),
    Mutant(
        NAME,
        "the sweep every quarter of an hour",
        set_input(SWEEP, "scheduleExpression", "cron(0/15 * * * ? *)"),
    ),
    Mutant(NAME, "the sweep disabled", set_input(SWEEP, "state", "DISABLED")),
    Mutant(NAME, "the sweep without a target", without("reconciliation-sweep-target")),
    Mutant(
        NAME,
        "the sweep with an execution's event as its input",
        set_input("reconciliation-sweep-target", "input", '{"detail": {"name": "x"}}'),
    ),
    Mutant(
        NAME,
        "the sweep invokes another function",
        set_input(
            "reconciliation-sweep-target",
            "arn",
            "arn:aws:lambda:ap-northeast-1:123456789012:function:goal-mandala-prod-workflow-finish:live",
        ),
    ),
    Mutant(
        NAME,
        "the rule for endings waits for those that succeeded",
        set_input(ENDED, "eventPattern.detail.status", ["SUCCEEDED"]),
    ),
    Mutant(
        NAME,
        "the rule for endings leaves out aborted executions",
        set_input(ENDED, "eventPattern.detail.status", ["FAILED", "TIMED_OUT"]),
    ),
    Mutant(
        NAME,
        "the rule for endings of another machine",
        set_input(ENDED, "eventPattern.detail.stateMachineArn", ["arn:aws:states:::x"]),
    ),
    Mutant(
        NAME,
        "the rule for endings of one execution",
        set_input(ENDED, "eventPattern.detail.name", ["x"]),
    ),
    Mutant(
        NAME,
        "the rule for endings from another account",
        set_input(ENDED, "eventPattern.account", ["999999999999"]),
    ),
    Mutant(NAME, "the rule on a bus of its own", set_input(ENDED, "eventBusName", "own")),
    Mutant(
        NAME,
        "the sweep every minute",
        set_input(SWEEP, "scheduleExpression", "rate(1 minute)"),
        near_miss=True,
    ),
    Mutant(
        NAME,
        "the rule for endings of this account, on the default bus, also of those that succeeded",
        set_input(
            ENDED,
            "eventPattern.detail.status",
            ["SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"],
        ),
        near_miss=True,
    ),
    Mutant(NAME, "the program as it is", unchanged, near_miss=True),
)

"""Mutants for `policies.rules.alarms.coverage`."""

from policies.stack import resource_types
from tests.policies.added_alarm import alarm
from tests.policies.mutants.alarms.firing import duration
from tests.policies.mutate import (
    Change,
    Mutant,
    all_changes,
    declare,
    edit_input,
    set_input,
    unchanged,
    without,
)

MISSING, REACH = "alarm-none-missing", "alarm-within-reach"
START = "lambda-near-timeout-workflow-start"
QUEUE = "goal-mandala-prod-slack-dead-letters"


def function(name: str) -> Change:
    """A function more."""
    return declare(resource_types.FUNCTION, name, {"name": name, "timeout": 30})


MUTANTS = (
    Mutant(
        MISSING,
        "one function more, which the API may invoke, without an alarm",
        all_changes(
            function("export"),
            declare(
                resource_types.PERMISSION,
                "export-permission",
                {"function": "export", "principal": "apigateway.amazonaws.com"},
            ),
        ),
    ),
    Mutant(
        MISSING,
        "a function of nine that has no alarm at all",
        lambda resources: {
            name: each
            for name, each in resources.items()
            if not (each.type == resource_types.ALARM and "workflow-prepare" in str(each.inputs))
        },
    ),
    Mutant(MISSING, "a function that nothing invokes", function("export"), True),
    Mutant(
        MISSING,
        "a topic more, to which no alarm sends",
        declare(resource_types.TOPIC, "reports", {"name": "reports"}),
        True,
    ),
    Mutant(
        MISSING,
        "a function whose errors nobody watches",
        without("alarms-lambda-error-rate-high-workflow-start"),
    ),
    Mutant(MISSING, "a function whose duration nobody watches", without(f"alarms-{START}")),
    Mutant(
        MISSING,
        "a function that is left out of the throttles",
        edit_input("alarms-functions-throttled", "metricQueries", lambda old: old[1:]),
    ),
    Mutant(
        MISSING,
        "timed-out executions that nobody watches",
        all_changes(
            *(
                edit_input(
                    f"alarms-workflow-{name}",
                    "metricQueries",
                    lambda old: [each for each in old if each["id"] != "timedOut"],
                )
                for name in ("failure-rate-high", "timeout-high", "execution-failed")
            )
        ),
    ),
    Mutant(
        MISSING,
        "an API whose errors nobody watches",
        without("alarms-api-error-rate-high", "alarms-api-error-rate-high-stays"),
    ),
    Mutant(MISSING, "a table whose throttles nobody watches", without("alarms-table-throttled")),
    Mutant(MISSING, "dead letters that nobody watches", without("alarms-slack-dead-letters")),
    Mutant(MISSING, "a topic that nobody watches", without("alarms-topic-deliveries-failed")),
    Mutant(
        MISSING,
        "one alarm of two on the machine's failures",
        without("alarms-workflow-execution-failed"),
        True,
    ),
    Mutant(
        MISSING,
        "a queue that holds no dead letters",
        declare(resource_types.QUEUE, "work", {"name": "work"}),
        True,
    ),
    Mutant(MISSING, "the program as it is", unchanged, True),
    Mutant(REACH, "a duration above the function's time-out", duration(25_000_000)),
    Mutant(
        REACH,
        "a duration at the function's time-out",
        set_input(f"alarms-{START}", "threshold", 25_000),
    ),
    Mutant(
        REACH,
        "an execution time above the execution's time-out",
        set_input("alarms-workflow-execution-time-high", "threshold", 6_000_000),
    ),
    Mutant(
        REACH,
        "messages older than the queue keeps them",
        alarm(
            namespace="AWS/SQS",
            metricName="ApproximateAgeOfOldestMessage",
            statistic="Maximum",
            threshold=1_209_601,
            dimensions={"QueueName": QUEUE},
        ),
    ),
    Mutant(REACH, "a duration just below the time-out", duration(24_000), True),
    Mutant(REACH, "the program as it is", unchanged, True),
)

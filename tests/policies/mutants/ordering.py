"""Mutants for `policies.rules.ordering`."""

from policies.stack import resource_types
from tests.policies.added_alarm import ALARM, alarm
from tests.policies.mutate import (
    Mutant,
    all_changes,
    declare,
    set_source,
    without_dependency,
    without_parent,
)
from tests.policies.names import ROUTE, START, START_POLICY

MUTANTS = (
    Mutant(
        "stack-waits-for-what-it-names",
        "a state machine that may be created before its table",
        without_dependency("workflow-machine", "executions-table"),
    ),
    Mutant(
        "stack-waits-for-what-it-names",
        "a state machine that may be created before its functions' aliases",
        without_dependency("workflow-machine", "functions-workflow-finish-live"),
    ),
    Mutant(
        "stack-waits-for-what-it-names",
        "a route that may be created before the state machine that its function starts",
        without_dependency(ROUTE, "workflow-live"),
    ),
    Mutant(
        "stack-waits-for-what-it-names",
        "a permission that may be created before its rule",
        all_changes(
            without_dependency("reconciliation-sweep-permission", "reconciliation-sweep"),
            without_parent("reconciliation-sweep-permission"),
        ),
    ),
    Mutant(
        "stack-waits-for-what-it-names",
        "a state machine that depends on its table through a function",
        set_source("workflow-machine", "definition", None),
        near_miss=True,
    ),
    Mutant(
        "stack-waits-for-permissions",
        "a function that may be created before its role's policy",
        without_dependency(START, START_POLICY),
    ),
    Mutant(
        "stack-waits-for-permissions",
        "a state machine that may be created before the policy of its topic",
        without_dependency("workflow-machine", "alerting-notifications-policy"),
    ),
    Mutant(
        "stack-waits-for-permissions",
        "a function that may be created before the key's alias",
        without_dependency(START, "keys-alias"),
    ),
    Mutant(
        "stack-waits-for-permissions",
        "a table that may be created before its key's alias, under which CI may use the key",
        without_dependency("executions-table", "keys-alias"),
    ),
    Mutant(
        "stack-waits-for-permissions",
        "a target that may invoke its function before failed events are kept",
        without_dependency("reconciliation-sweep-target", "reconciliation-invocations"),
    ),
    Mutant(
        "stack-waits-for-permissions",
        "a target that may be created before its dead-letter queue's policy",
        without_dependency("reconciliation-sweep-target", "reconciliation-dead-letters-policy"),
    ),
    Mutant(
        "stack-waits-for-permissions",
        "an alarm that may be created before the policy of its topic",
        declare(resource_types.ALARM, "errors", ALARM, after=("alerting-alerts", "keys-key")),
    ),
    Mutant(
        "stack-waits-for-permissions",
        "an alarm that depends on the policy of its topic",
        alarm(),
        near_miss=True,
    ),
)

"""Mutants for `policies.rules.resilience`."""

from policies.stack import resource_types
from tests.policies.mutate import (
    REMOVED,
    UNKNOWN,
    Mutant,
    all_changes,
    declare,
    edit_input,
    protect,
    set_input,
    set_source,
    unchanged,
    unprotect,
    without,
)
from tests.policies.names import MACHINE, START, TABLE, TASK

RECONCILE_CONFIG = "reconciliation-invocations"


MUTANTS = (
    Mutant(
        "resilience-table",
        "a table without point-in-time recovery",
        set_input(TABLE, "pointInTimeRecovery.enabled", value=False),
    ),
    Mutant("resilience-table", "a table without TTL", set_input(TABLE, "ttl", REMOVED)),
    Mutant(
        "resilience-table",
        "a table with another TTL attribute",
        set_input(TABLE, "ttl.attributeName", "expires"),
        near_miss=True,
    ),
    Mutant("resilience-protected", "production's table without protect", unprotect(TABLE)),
    Mutant(
        "resilience-protected",
        "production's table without its own deletion protection",
        set_input(TABLE, "deletionProtectionEnabled", value=False),
    ),
    Mutant(
        "resilience-protected",
        "production's user pool without its own deletion protection",
        set_input("users-pool", "deletionProtection", "INACTIVE"),
    ),
    Mutant(
        "resilience-protected",
        "production's secrets without a recovery window",
        set_input("secrets-database-url", "recoveryWindowInDays", 0),
    ),
    Mutant(
        "resilience-protected",
        "dev's table without protect",
        unchanged,
        near_miss=True,
        stack="dev",
    ),
    Mutant(
        "resilience-replaceable",
        "a secret's value that inherits the secret's protection",
        protect("secrets-database-url-value"),
    ),
    Mutant(
        "resilience-replaceable",
        "a protected permission",
        protect("reconciliation-sweep-permission"),
    ),
    Mutant("resilience-replaceable", "a protected subscription", protect("slack-alerts")),
    Mutant(
        "resilience-replaceable",
        "a protected queue, whose changes are updates",
        protect("slack-queue"),
        near_miss=True,
    ),
    Mutant(
        "resilience-failure-destination",
        "a target without a dead-letter queue",
        set_input("reconciliation-ended-target", "deadLetterConfig", REMOVED),
    ),
    Mutant(
        "resilience-failure-destination",
        "a function without a failure destination",
        without(RECONCILE_CONFIG),
    ),
    Mutant(
        "resilience-failure-destination",
        "a failure destination for an alias that is not called",
        set_input(RECONCILE_CONFIG, "qualifier", "old"),
    ),
    Mutant(
        "resilience-failure-destination",
        "the function's own dead-letter queue as failure destination",
        all_changes(
            without(RECONCILE_CONFIG),
            set_input("functions-workflow-reconcile", "deadLetterConfig", {"targetArn": UNKNOWN}),
        ),
        near_miss=True,
    ),
    Mutant(
        "resilience-rules-on",
        "a disabled rule",
        set_input("reconciliation-sweep", "state", "DISABLED"),
    ),
    Mutant(
        "resilience-rules-on",
        "a rule that is enabled explicitly",
        set_input("reconciliation-sweep", "state", "ENABLED"),
        near_miss=True,
    ),
    Mutant(
        "resilience-rollback", "a function without versions", set_input(START, "publish", REMOVED)
    ),
    Mutant(
        "resilience-rollback",
        "a state machine without versions",
        set_input(MACHINE, "publish", value=False),
    ),
    Mutant("resilience-rollback", "a state machine without an alias", without("workflow-live")),
    Mutant(
        "resilience-rollback",
        "an integration that invokes the function without its alias",
        set_source("api-workflow-start", "integrationUri", START),
    ),
    Mutant(
        "resilience-rollback",
        "a Task that invokes the function without its alias",
        edit_input(MACHINE, f"{TASK}.Resource", lambda old: old.removesuffix(":live")),
    ),
    Mutant(
        "resilience-rollback",
        "one more alias",
        declare(
            resource_types.FUNCTION_ALIAS,
            "next",
            {"functionName": "goal-mandala-prod-workflow-start", "name": "next"},
        ),
        near_miss=True,
    ),
)

"""Mutants for `policies.rules.backups`."""

from tests.policies.mutate import (
    REMOVED,
    Mutant,
    all_changes,
    edit_input,
    set_input,
    set_source,
    unchanged,
    without,
)

MADE, KEPT, VAULT = "backups-made", "backups-kept", "backups-vault"
SELECTION, PLAN = "backups-table", "backups-plan"

MUTANTS = (
    Mutant(MADE, "the plan as it is", unchanged, near_miss=True),
    Mutant(MADE, "a plan that selects nothing", without(SELECTION)),
    Mutant(
        MADE,
        "another table's backup",
        set_input(
            SELECTION, "resources.0", "arn:aws:dynamodb:ap-northeast-1:123456789012:table/Other"
        ),
    ),
    Mutant(
        MADE,
        "a role that AWS Backup may take for the state machine only",
        set_input(
            "backups-role",
            "assumeRolePolicy.Statement.0.Condition",
            {"ArnLike": {"aws:SourceArn": "arn:aws:states:ap-northeast-1:123456789012:*"}},
        ),
    ),
    Mutant(MADE, "a plan from elsewhere", set_source(SELECTION, "planId", None)),
    Mutant(
        MADE,
        "everything with a tag",
        set_input(SELECTION, "selectionTags", [{"type": "STRINGEQUALS", "key": "a", "value": "b"}]),
    ),
    Mutant(KEPT, "a rule without a schedule", set_input(PLAN, "rules.0.schedule", REMOVED)),
    Mutant(KEPT, "backups for ever", set_input(PLAN, "rules.0.lifecycle", REMOVED)),
    Mutant(KEPT, "backups of a week", set_input(PLAN, "rules.0.lifecycle.deleteAfter", 7)),
    Mutant(
        KEPT,
        "backups of five weeks",
        set_input(PLAN, "rules.0.lifecycle.deleteAfter", 35),
        near_miss=True,
    ),
    Mutant(KEPT, "no rule", set_input(PLAN, "rules", [])),
    Mutant(KEPT, "only each month's", edit_input(PLAN, "rules", lambda old: old[1:])),
    Mutant(KEPT, "only each day's", edit_input(PLAN, "rules", lambda old: old[:1])),
    Mutant(
        KEPT, "a schedule that AWS refuses", set_input(PLAN, "rules.0.schedule", "cron(0 18 * *)")
    ),
    Mutant(KEPT, "three hours to end", set_input(PLAN, "rules.0.completionWindow", REMOVED)),
    Mutant(
        KEPT,
        "each day's at another time, each month's for half a year",
        all_changes(
            set_input(PLAN, "rules.0.schedule", "cron(30 3 ? * * *)"),
            set_input(PLAN, "rules.1.lifecycle.deleteAfter", 180),
        ),
        near_miss=True,
    ),
    Mutant(KEPT, "cold storage", set_input(PLAN, "rules.0.lifecycle.coldStorageAfter", 30)),
    Mutant(
        KEPT,
        "copies elsewhere",
        set_input(PLAN, "rules.0.copyActions", [{"destinationVaultArn": "arn:aws:backup:::x"}]),
    ),
    Mutant(KEPT, "no time to end", set_input(PLAN, "rules.0.completionWindow", 60)),
    Mutant(VAULT, "the vault as it is", unchanged, near_miss=True),
    Mutant(
        VAULT,
        "a vault that takes its backups along",
        set_input("backups-vault", "forceDestroy", value=True),
    ),
)

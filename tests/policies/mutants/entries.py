"""Mutants of the functions' code and variables."""

import pulumi

from tests.policies.mutate import REMOVED, UNKNOWN, Mutant, all_changes, set_input, set_source
from tests.policies.names import GENERATE, START

STATUS = "functions-workflow-status"
NOTIFIER = "functions-slack-notifier"
_SECRET = "environment.variables.{}_SECRET_ARN"

MUTANTS = (
    Mutant(
        "expected-entry",
        "another function's handler",
        set_input(START, "handler", "handlers.workflow_cancel.handler"),
    ),
    Mutant(
        "expected-entry",
        "the archive with the code of another function",
        set_input("functions-workflow-archive", "handler", "handlers.workflow_status.handler"),
    ),
    Mutant(
        "expected-entry",
        "the package without the database driver",
        set_input(START, "code", pulumi.FileArchive(".build/core-0.zip")),
    ),
    Mutant(
        "expected-entry",
        "a function without a package",
        set_input(STATUS, "code", REMOVED),
    ),
    Mutant(
        "expected-entry",
        "another function, with a handler of its own",
        all_changes(
            set_input(STATUS, "name", "goal-mandala-prod-workflow-report"),
            set_input(STATUS, "handler", "handlers.workflow_report.handler"),
        ),
        near_miss=True,
    ),
    Mutant(
        "expected-variables",
        "a function without a variable that it reads",
        set_input(START, "environment.variables.TRACED_PERCENT", REMOVED),
    ),
    Mutant(
        "expected-variables", "a function without variables", set_input(START, "environment", {})
    ),
    Mutant(
        "expected-variables",
        "an empty name of the table",
        set_input(GENERATE, "environment.variables.TABLE_NAME", ""),
    ),
    Mutant(
        "expected-variables",
        "the database's secret for the cursors' key",
        set_source(STATUS, "environment", "secrets-database-url"),
    ),
    Mutant(
        "expected-variables",
        "another secret by its ARN",
        set_input(
            STATUS,
            _SECRET.format("JWT"),
            "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:goal-mandala-prod-database-url",
        ),
    ),
    Mutant(
        "expected-variables",
        "a language without texts",
        set_input(NOTIFIER, "environment.variables.SLACK_LANGUAGE", "de"),
    ),
    Mutant(
        "expected-variables",
        "a mention that Slack shows as text",
        set_input(NOTIFIER, "environment.variables.SLACK_MENTION", "@here"),
    ),
    Mutant(
        "expected-variables",
        "the address of a dashboard that is not there",
        set_input(
            NOTIFIER,
            "environment.variables.DASHBOARD_URL",
            "https://ap-northeast-1.console.aws.amazon.com/cloudwatch/home#dashboards/dashboard/x",
        ),
    ),
    Mutant(
        "expected-variables",
        "a runbook that no alarm names",
        set_input(NOTIFIER, "environment.variables.RUNBOOK_URL", "https://example.com/runbook.md"),
    ),
    Mutant(
        "expected-variables",
        "an archive without its bucket",
        set_input("functions-workflow-archive", "environment.variables.ARCHIVE_BUCKET", REMOVED),
    ),
    Mutant(
        "expected-variables",
        "a whole goal in one transaction, and more",
        set_input("functions-workflow-prepare", "environment.variables.BATCH_SIZE", "10000"),
    ),
    Mutant(
        "expected-variables",
        "a call for every success",
        set_input(NOTIFIER, "environment.variables.SLACK_ESCALATE_PERCENT", "0"),
    ),
    Mutant(
        "expected-variables",
        "another language, a mention, a variable more and the ARN of the secret",
        all_changes(
            set_input(NOTIFIER, "environment.variables.SLACK_LANGUAGE", "en"),
            set_input(NOTIFIER, "environment.variables.SLACK_MENTION", "<!here>"),
            set_input(NOTIFIER, "environment.variables.FEATURE", "on"),
            set_input(
                NOTIFIER,
                _SECRET.format("SLACK_WEBHOOK"),
                "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:"
                "goal-mandala-prod-slack-webhook-a1B2c3",
            ),
        ),
        near_miss=True,
    ),
    Mutant(
        "expected-variables",
        "the ARN of the secret, which is not known yet",
        set_input(STATUS, _SECRET.format("JWT"), UNKNOWN),
        near_miss=True,
    ),
)

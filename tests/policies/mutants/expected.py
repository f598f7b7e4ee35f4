"""Mutants of settings that have one right value or range."""

from tests.policies.mutate import REMOVED, Mutant, all_changes, edit_input, set_input
from tests.policies.names import GENERATE, MACHINE, START, TABLE, TASK

API = "api-api"
STAGE = "api-stage"
INTEGRATION = "api-workflow-start-integration"
POOL = "users-pool"
CLIENT = "users-client"
FINISH = "definition.States.Finish"

MUTANTS = (
    Mutant(
        "expected-api",
        "the access log without the caller",
        set_input(STAGE, "accessLogSettings.format.userId", REMOVED),
    ),
    Mutant(
        "expected-api",
        "the access log with a variable that does not exist",
        set_input(STAGE, "accessLogSettings.format.status", "$context.statuscode"),
    ),
    Mutant(
        "expected-api",
        "any header from a web page",
        set_input(API, "corsConfiguration", {"allowHeaders": ["*"], "allowMethods": ["GET"]}),
    ),
    Mutant(
        "expected-api",
        "one variable more in the access log",
        set_input(STAGE, "accessLogSettings.format.agent", "$context.identity.userAgent"),
        near_miss=True,
    ),
    Mutant(
        "expected-functions",
        "a snapshot of a function that is not made for it",
        set_input("functions-workflow-save-batch", "snapStart", {"applyOn": "PublishedVersions"}),
    ),
    Mutant(
        "expected-functions",
        "a snapshot with more storage than Lambda takes",
        all_changes(
            set_input(START, "snapStart", {"applyOn": "PublishedVersions"}),
            set_input(START, "ephemeralStorage", {"size": 1024}),
        ),
    ),
    Mutant(
        "expected-functions",
        "a snapshot at a version that does not exist",
        set_input(START, "snapStart", {"applyOn": "AllVersions"}),
    ),
    Mutant(
        "expected-functions",
        "a snapshot of a function that is made for it",
        set_input(START, "snapStart", {"applyOn": "PublishedVersions"}),
        near_miss=True,
    ),
    Mutant(
        "expected-functions", "versions outlive the stack", set_input(START, "skipDestroy", True)
    ),
    Mutant(
        "expected-storage",
        "a stream of the table",
        all_changes(
            set_input(TABLE, "streamEnabled", True),
            set_input(TABLE, "streamViewType", "NEW_AND_OLD_IMAGES"),
        ),
    ),
    Mutant(
        "expected-users",
        "a password is set anew by telephone",
        set_input(
            "users-pool",
            "accountRecoverySetting",
            {"recoveryMechanisms": [{"name": "verified_phone_number", "priority": 1}]},
        ),
    ),
    Mutant("expected-functions", "50 GB of memory", set_input(START, "memorySize", 51_200)),
    Mutant("expected-functions", "no architecture", set_input(START, "architectures", REMOVED)),
    Mutant(
        "expected-functions",
        "a number of days that is none",
        set_input(START, "environment.variables.TTL_DAYS", "ninety"),
    ),
    Mutant(
        "expected-functions",
        "an event that is given up after a minute",
        set_input("reconciliation-sweep-target", "retryPolicy.maximumEventAgeInSeconds", 60),
    ),
    Mutant(
        "expected-functions",
        "more memory",
        set_input(GENERATE, "memorySize", 2048),
        near_miss=True,
    ),
    Mutant(
        "expected-storage",
        "an attribute that is no key",
        edit_input(TABLE, "attributes", lambda old: [*old, {"name": "x", "type": "S"}]),
    ),
    Mutant(
        "expected-storage",
        "an index without a hash key",
        set_input(TABLE, "globalSecondaryIndexes.0.keySchemas.0.keyType", "RANGE"),
    ),
    Mutant(
        "expected-storage",
        "a retention that AWS refuses",
        set_input("workflow-log", "retentionInDays", 100),
    ),
    Mutant(
        "expected-storage",
        "notifications that are dropped while the queue refuses them",
        set_input("slack-notifications", "redrivePolicy", REMOVED),
    ),
    Mutant(
        "expected-storage",
        "logs for two years",
        set_input("workflow-log", "retentionInDays", 731),
        near_miss=True,
    ),
    Mutant(
        "expected-users",
        "passwords without digits",
        set_input(POOL, "passwordPolicy.requireNumbers", False),
    ),
    Mutant(
        "expected-users",
        "an administrator's sign-in",
        set_input(CLIENT, "explicitAuthFlows.0", "ALLOW_ADMIN_USER_PASSWORD_AUTH"),
    ),
    Mutant(
        "expected-users",
        "Cognito's default flows",
        set_input(CLIENT, "explicitAuthFlows", REMOVED),
        near_miss=True,
    ),
    Mutant(
        "expected-users",
        "a client that signs in over OAuth 2.0",
        all_changes(
            set_input(CLIENT, "explicitAuthFlows", REMOVED),
            set_input(CLIENT, "allowedOauthFlows", ["code"]),
        ),
        near_miss=True,
    ),
    Mutant(
        "expected-users",
        "passwords with symbols, too",
        set_input(POOL, "passwordPolicy.requireSymbols", True),
        near_miss=True,
    ),
    Mutant(
        "expected-document",
        "the language of 2008",
        set_input("alerting-alerts-policy", "policy.Version", "2008-10-17"),
    ),
    Mutant(
        "expected-document",
        "a statement about nothing",
        set_input("alerting-alerts-policy", "policy.Statement.0.Resource", REMOVED),
    ),
    Mutant(
        "expected-document",
        "a statement without its name",
        set_input("alerting-alerts-policy", "policy.Statement.0.Sid", REMOVED),
        near_miss=True,
    ),
    Mutant(
        "expected-definition",
        "a state that no way leads to",
        set_input(MACHINE, f"{FINISH}2", {"Type": "Succeed"}),
    ),
    Mutant(
        "expected-definition",
        "text behind an expression",
        set_input(MACHINE, "definition.States.GenerateAll.Items", "{% $states.input %} "),
    ),
    Mutant(
        "expected-definition",
        "retries for an hour",
        set_input(MACHINE, f"{TASK}.Retry.0.MaxAttempts", 50),
    ),
    Mutant(
        "expected-definition",
        "a value that no expression uses",
        set_input(
            MACHINE,
            TASK.replace("GenerateTasks", "ActionFailed")
            + ".Arguments.ExpressionAttributeValues.:x",
            {"S": "x"},
        ),
    ),
    Mutant(
        "expected-definition",
        "a comment in a state",
        set_input(MACHINE, f"{TASK}.Comment", "asks the model"),
        near_miss=True,
    ),
    Mutant(
        "expected-definition",
        "a notification without a text",
        set_input(MACHINE, "definition.States.NotifyFailure.Arguments.Message", REMOVED),
    ),
    Mutant(
        "expected-definition",
        "an attribute without a type",
        set_input(
            MACHINE,
            "definition.States.NotifyFailure.Arguments.MessageAttributes.status.DataType",
            REMOVED,
        ),
    ),
    Mutant(
        "expected-definition",
        "an attribute more",
        set_input(
            MACHINE,
            "definition.States.NotifyFailure.Arguments.MessageAttributes.tries",
            {"DataType": "Number", "StringValue": "1"},
        ),
        near_miss=True,
    ),
)

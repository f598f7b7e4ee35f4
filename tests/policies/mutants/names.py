"""Mutants for `policies.rules.boundary.names` and `origins`."""

import json

from policies.stack import resource_types
from tests.policies.mutate import Change, Mutant, all_changes, declare, set_input, unchanged
from tests.policies.names import ARN, MACHINE, START, START_POLICY, TASK

_ALARM = "alarms-lambda-errors-high-workflow-start"
_FUNCTION = "goal-mandala-prod-workflow-start"


def _dashboard(*metric: str) -> Change:
    body = {"widgets": [{"type": "metric", "properties": {"metrics": [list(metric)]}}]}
    return set_input("observability-dashboard", "dashboardBody", json.dumps(body))


def _alarm(**dimensions: str) -> Change:
    return declare(
        resource_types.ALARM,
        "one-more",
        {"name": "goal-mandala-prod-more", "dimensions": dimensions},
    )


STRANGE: dict[str, Change] = {
    "an alarm on a function that is not there": _alarm(FunctionName=f"{_FUNCTION}er"),
    "an alarm on a table that is not there": _alarm(TableName="WorkflowExecution-dev"),
    "an alarm on a queue that is not there": _alarm(QueueName="goal-mandala-prod-slak"),
    "an alarm on a metric of another environment": _alarm(environment="prd"),
    "an alarm on an API that is not there": _alarm(ApiId="abc123"),
    "a widget for a function that is not there": _dashboard(
        "AWS/Lambda", "Errors", "FunctionName", "goal-mandala-dev-workflow-start"
    ),
    "a saved query of a log group that is not there": set_input(
        "observability-error-rate", "logGroupNames", ["/aws/lambda/other"]
    ),
    "masking of a log group that is not there": declare(
        "aws:cloudwatch/logDataProtectionPolicy:LogDataProtectionPolicy",
        "masking",
        {"logGroupName": "/aws/lambda/other", "policyDocument": "{}"},
    ),
    "a function that is told another table": set_input(
        START, "environment.variables.TABLE_NAME", "WorkflowExecution-dev"
    ),
    "a function that is told a log group that is not there": set_input(
        "functions-slack-notifier", "environment.variables.LOG_GROUPS", "/aws/lambda/other"
    ),
    "a task that reads another table": set_input(
        MACHINE, f"{TASK}.Arguments", {"TableName": "WorkflowExecution-dev"}
    ),
    "an inline policy on somebody else's role": set_input(START_POLICY, "role", "AdminRole"),
    "a target of a rule that is not there": set_input(
        "reconciliation-sweep-target", "rule", "goal-mandala-prod-sweep"
    ),
    "a rule of another event bus": set_input("reconciliation-ended", "eventBusName", "partner-bus"),
    "a permission on a function that is not there": set_input(
        "reconciliation-sweep-permission", "function", "goal-mandala-prod-sweep"
    ),
    "a permission on an alias that is not there": set_input(
        "reconciliation-sweep-permission", "qualifier", "next"
    ),
    "provisioned concurrency on $LATEST": set_input(
        "functions-task-generation-warm", "qualifier", "$LATEST"
    ),
    "a key by an alias that is not there": set_input(
        "alerting-alerts", "kmsMasterKeyId", "alias/goal-mandala-prod"
    ),
    "a task that writes to a bucket": set_input(
        MACHINE, f"{TASK}.Arguments", {"Bucket": "collect", "Body": "{% $states.input %}"}
    ),
    "a key by an id that is not the stack's": set_input(
        "alerting-alerts", "kmsMasterKeyId", "0a1b2c3d-0000-4000-8000-123456789abc"
    ),
    "tokens of a client that is not declared": set_input(
        "api-authorizer", "jwtConfiguration.audiences", ["1example23456789"]
    ),
    "a suppressor that is not there": set_input(
        "alarms-outage", "actionsSuppressor", {"alarm": "goal-mandala-prod-none"}
    ),
    "the exports of another organization": declare(
        "pulumi:pulumi:StackReference", "other", {"name": "elsewhere/product/prod"}
    ),
    "the exports of another environment": declare(
        "pulumi:pulumi:StackReference", "other", {"name": "organization/goal-mandala/dev"}
    ),
    "a composite of an alarm that is not there": set_input(
        "alarms-outage", "alarmRule", 'ALARM("goal-mandala-prod-none")'
    ),
    "a client of another user pool": set_input(
        "users-client", "userPoolId", "ap-northeast-1_other"
    ),
}

DECLARED: dict[str, Change] = {
    "the program as it is": unchanged,
    "a function by its partial ARN": set_input(
        "reconciliation-sweep-permission",
        "function",
        "123456789012:function:goal-mandala-prod-workflow-reconcile",
    ),
    "the account's default bus, named": set_input(
        "reconciliation-ended", "eventBusName", "default"
    ),
    "a widget for a function": _dashboard(
        "AWS/Lambda", "Errors", "FunctionName", "goal-mandala-prod-workflow-start"
    ),
    "a function that is named at run time": set_input(
        MACHINE, f"{TASK}.Arguments", {"FunctionName": "{% $states.input.name %}"}
    ),
    "a function more and its alarm": all_changes(
        declare(resource_types.FUNCTION, "more", {"name": "goal-mandala-prod-more"}),
        declare(
            resource_types.ALARM,
            "more-errors",
            {
                "name": "goal-mandala-prod-more-errors",
                "dimensions": {"FunctionName": "goal-mandala-prod-more"},
            },
        ),
    ),
    "the exports of the same environment": declare(
        "pulumi:pulumi:StackReference", "other", {"name": "organization/product/prod"}
    ),
    "a composite of an alarm by its ARN": set_input(
        "alarms-outage",
        "alarmRule",
        f'ALARM("{ARN.format("cloudwatch", "alarm:goal-mandala-prod-escalation")}")',
    ),
    "AWS's own key": set_input("alerting-alerts", "kmsMasterKeyId", "alias/aws/sns"),
    "a permission on a version": set_input("reconciliation-sweep-permission", "qualifier", "7"),
}


def _origins(*origins: str) -> Change:
    return set_input("api-api", "corsConfiguration", {"allowOrigins": list(origins)})


MUTANTS = (
    Mutant(
        "boundary-declared-names",
        "the exports of another environment, which the configuration names",
        declare("pulumi:pulumi:StackReference", "other", {"name": "organization/product/dev"}),
        config={"goal-mandala:productStack": "organization/product/dev"},
        near_miss=True,
    ),
    *(Mutant("boundary-declared-names", what, change) for what, change in STRANGE.items()),
    *(
        Mutant("boundary-declared-names", what, change, near_miss=True)
        for what, change in DECLARED.items()
    ),
    *(
        Mutant("boundary-own-origins", f"origins {' and '.join(each)}", _origins(*each))
        for each in (
            ("https://goals.example.com", "https://goals.example.com.attacker.net"),
            ("https://goals.example.com", "https://goals-example.com"),
            ("https://goals.example.com", "https://goals.examp1e.com"),
            ("https://goals.example.com", "https://goals.example.co"),
            ("https://xn--gals-5qa.example.com",),
            ("https://g\u043eals.example.com",),
            ("https://goals.example.com@attacker.net",),
        )
    ),
    *(
        Mutant(
            "boundary-own-origins",
            f"origins {' and '.join(each)}",
            _origins(*each),
            near_miss=True,
        )
        for each in (
            ("https://goals.example.com", "https://admin.example.com"),
            ("https://goals.example.com", "https://dashboard.mandala.jp"),
            ("https://goals.example.co.jp", "https://admin.example.co.jp"),
            ("http://localhost:5173", "http://127.0.0.1:5173"),
        )
    ),
    Mutant(
        "boundary-own-origins",
        "a page of somebody else after sign-in",
        set_input("users-client", "callbackUrls", ["https://collect.example.net/signed-in"]),
    ),
    Mutant(
        "boundary-own-origins",
        "an origin that is not configured",
        _origins("https://goals.example.com"),
        stack="dev",
    ),
    Mutant(
        "boundary-own-origins",
        "a page of the app after sign-in",
        all_changes(
            _origins("https://goals.example.com"),
            set_input("users-client", "callbackUrls", ["https://goals.example.com/signed-in"]),
        ),
        near_miss=True,
    ),
)

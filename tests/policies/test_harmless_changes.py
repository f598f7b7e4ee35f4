"""Changes that are right: no policy of the pack may report them."""

import json
from typing import Any

import pytest

from policies.stack import resource_types
from tests.policies.mutate import (
    UNKNOWN,
    Change,
    all_changes,
    declare,
    deny,
    edit_input,
    grant,
    set_input,
)
from tests.policies.names import ARN, GENERATE, GENERATE_POLICY, START_POLICY
from tests.policies.stacks import ALL_POLICIES, StacksUnderTest

_ACCOUNT = {"StringEquals": {"aws:SourceAccount": "123456789012"}}
_MACHINE = ARN.format("states", "stateMachine:TaskGenerationWorkflow-prod")


def _document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _allow(action: str, **elements: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, **elements}


_SCHEDULE = all_changes(
    declare(
        resource_types.ROLE,
        "nightly-role",
        {
            "name": "goal-mandala-prod-nightly-role",
            "assumeRolePolicy": _document(
                _allow(
                    "sts:AssumeRole",
                    Principal={"Service": "scheduler.amazonaws.com"},
                    Condition=_ACCOUNT,
                )
            ),
        },
    ),
    declare(
        resource_types.ROLE_POLICY,
        "nightly-policy",
        {
            "name": "start",
            "role": "goal-mandala-prod-nightly-role",
            "policy": _document(_allow("states:StartExecution", Resource=_MACHINE)),
        },
        after=("nightly-role",),
    ),
    declare(
        resource_types.SCHEDULE,
        "nightly",
        {
            "name": "goal-mandala-prod-nightly",
            "scheduleExpression": "cron(0 3 * * ? *)",
            "flexibleTimeWindow": {"mode": "OFF"},
            "target": {
                "arn": _MACHINE,
                "roleArn": "arn:aws:iam::123456789012:role/goal-mandala-prod-nightly-role",
            },
        },
        after=("nightly-policy", "workflow-machine"),
    ),
)

_PARAMETER = all_changes(
    declare(
        resource_types.PARAMETER,
        "prompt",
        {"name": "/goal-mandala-prod/prompt", "type": "String", "value": "Be brief."},
    ),
    grant(
        GENERATE_POLICY, "ssm:GetParameter", ARN.format("ssm", "parameter/goal-mandala-prod/prompt")
    ),
)

_GUARDRAIL = grant(
    GENERATE_POLICY, "bedrock:ApplyGuardrail", ARN.format("bedrock", "guardrail/abc123def456")
)

_PRODUCT_PUBLISHES = edit_input(
    "alerting-notifications-policy",
    "policy.Statement",
    lambda old: [
        *old,
        _allow(
            "sns:Publish",
            Principal={"AWS": "arn:aws:iam::123456789012:role/goal-mandala-prod-product"},
            Resource=ARN.format("sns", "workflow-notifications-prod"),
        ),
    ],
)

_TLS_IF_EXISTS = edit_input(
    "alerting-alerts-policy",
    "policy.Statement.0.Condition",
    lambda _: {"BoolIfExists": {"aws:SecureTransport": "false"}},
)


_NEW_ROUTE = all_changes(
    declare(
        resource_types.PERMISSION,
        "api-route-permission",
        {
            "action": "lambda:InvokeFunction",
            "function": "goal-mandala-prod-workflow-start",
            "qualifier": "live",
            "principal": "apigateway.amazonaws.com",
            "sourceArn": UNKNOWN,
        },
        after=("functions-workflow-start-live",),
        sources={"sourceArn": "api-api"},
    ),
    declare(
        resource_types.ROUTE,
        "api-route",
        {
            "apiId": UNKNOWN,
            "routeKey": "GET /goals/{goalId}/report",
            "authorizationType": "JWT",
            "authorizerId": UNKNOWN,
            "target": UNKNOWN,
        },
        after=("api-route-permission", "workflow-live"),
        sources={
            "apiId": "api-api",
            "authorizerId": "api-authorizer",
            "target": "api-workflow-start",
        },
    ),
    edit_input(
        "api-stage",
        "routeSettings",
        lambda _: [
            {
                "routeKey": "GET /goals/{goalId}/report",
                "throttlingRateLimit": 5,
                "throttlingBurstLimit": 10,
            }
        ],
    ),
)

_HEALTH_EVENTS = all_changes(
    declare(
        resource_types.EVENT_RULE,
        "health",
        {
            "name": "goal-mandala-prod-health",
            "eventPattern": json.dumps({"source": ["aws.health"]}),
            "tags": {},
        },
    ),
    edit_input(
        "alerting-alerts-policy",
        "policy.Statement",
        lambda old: [
            *old,
            _allow(
                "sns:Publish",
                Principal={"Service": "events.amazonaws.com"},
                Resource=ARN.format("sns", "workflow-alerts-prod"),
                Condition={
                    "ArnEquals": {
                        "aws:SourceArn": ARN.format("events", "rule/goal-mandala-prod-health")
                    }
                },
            ),
        ],
    ),
    declare(
        resource_types.EVENT_TARGET,
        "health-target",
        {"rule": "goal-mandala-prod-health", "arn": ARN.format("sns", "workflow-alerts-prod")},
        after=("health", "alerting-alerts-policy"),
    ),
)

_SECOND_CLIENT = all_changes(
    declare(
        resource_types.USER_POOL_CLIENT,
        "users-app",
        {
            "name": "app",
            "userPoolId": UNKNOWN,
            "enableTokenRevocation": True,
            "preventUserExistenceErrors": "ENABLED",
            "refreshTokenValidity": 7,
            "accessTokenValidity": 15,
            "tokenValidityUnits": {"accessToken": "minutes"},
        },
        sources={"userPoolId": "users-pool"},
    ),
    edit_input("api-authorizer", "jwtConfiguration.audiences", lambda old: [*old, UNKNOWN]),
)

_ANOTHER_TASK = set_input(
    "workflow-machine",
    "definition.States.NotifySuccess",
    {
        "Type": "Task",
        "Resource": "arn:aws:states:::sns:publish",
        "Arguments": {
            "TopicArn": ARN.format("sns", "workflow-notifications-prod"),
            "Message": "{% $string($states.input) %}",
        },
        "TimeoutSeconds": 20,
        "Retry": [
            {
                "ErrorEquals": ["SNS.InternalErrorException"],
                "MaxAttempts": 2,
                "MaxDelaySeconds": 10,
                "JitterStrategy": "FULL",
            }
        ],
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Succeed"}],
        "Next": "Succeed",
    },
)

_ANOTHER_SECRET = all_changes(
    grant(
        "functions-workflow-start-policy",
        "secretsmanager:GetSecretValue",
        ARN.format("secretsmanager", "secret:goal-mandala-prod-database-url-??????"),
    ),
)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(_TLS_IF_EXISTS, id="TLS only by BoolIfExists"),
        pytest.param(_PRODUCT_PUBLISHES, id="the product's own role publishes"),
        pytest.param(_SCHEDULE, id="a schedule starts the machine with a role of its own"),
        pytest.param(_NEW_ROUTE, id="a new route behind the same authorizer, throttled more"),
        pytest.param(_HEALTH_EVENTS, id="AWS Health's events to the operators"),
        pytest.param(_SECOND_CLIENT, id="a second client of the pool"),
        pytest.param(_ANOTHER_SECRET, id="a secret by its name, once more"),
        pytest.param(_ANOTHER_TASK, id="a task more in the machine"),
        pytest.param(
            deny(START_POLICY, ["dynamodb:DeleteTable", "iam:*"], "*"),
            id="an explicit Deny of what is never done",
        ),
        pytest.param(
            set_input(
                "functions-workflow-start-live",
                "routingConfig",
                {"additionalVersionWeights": {"7": 0.1}},
            ),
            id="a weighted alias",
        ),
        pytest.param(set_input("keys-key", "rotationPeriodInDays", 90), id="a faster rotation"),
        pytest.param(
            set_input(GENERATE, "loggingConfig", {"logFormat": "JSON", "systemLogLevel": "WARN"}),
            id="system logs as JSON",
        ),
        pytest.param(
            set_input("users-pool", "mfaConfiguration", "ON"), id="a second factor for users"
        ),
        pytest.param(_GUARDRAIL, id="the function that calls the model applies a guardrail"),
        pytest.param(_PARAMETER, id="a function reads a parameter of the stack by its ARN"),
    ],
)
def test_no_policy_reports_a_harmless_change(change: Change, stacks: StacksUnderTest) -> None:
    before = stacks.program("prod")
    after = change(before)
    pack = stacks.pack("prod")
    pack.enable_only(ALL_POLICIES)
    changed = [each for name, each in after.items() if before.get(name) is not each]
    assert changed
    found = [each for resource in changed for each in pack.analyze(resource)]
    found += pack.analyze_stack(after.values())
    assert [(each.policy, each.urn.rpartition("::")[2], each.message) for each in found] == []

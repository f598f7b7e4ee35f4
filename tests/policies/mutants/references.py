"""Mutants for `policies.rules.boundary.references`: what leaves the stack, and what does not."""

import json
from typing import Any

from policies.stack import resource_types
from tests.policies.mutate import (
    Change,
    Mutant,
    all_changes,
    declare,
    edit_input,
    edit_statement,
    grant,
    set_input,
    unchanged,
    with_elements,
)
from tests.policies.names import (
    ARN,
    GENERATE,
    GENERATE_POLICY,
    MACHINE,
    ROUTE_PERMISSION,
    START,
    START_POLICY,
    TABLE_ARN,
    TASK,
)

OTHER_ACCOUNT = "999999999999"
_OTHER = ARN.replace("123456789012", OTHER_ACCOUNT)
_ENVIRONMENT = "environment.variables"
_OWN_FUNCTION = ARN.format("lambda", "function:goal-mandala-prod-workflow-start:live")


def _subscription(protocol: str, endpoint: str) -> Change:
    inputs = {"topic": ARN.format("sns", "workflow-alerts-prod"), "protocol": protocol}
    return declare(resource_types.SUBSCRIPTION, "one-more", {**inputs, "endpoint": endpoint})


def _allow_topic(principal: Any, **elements: Any) -> Change:
    statement = {
        "Effect": "Allow",
        "Principal": principal,
        "Action": "sns:Publish",
        "Resource": ARN.format("sns", "workflow-notifications-prod"),
        **elements,
    }
    return edit_input(
        "alerting-notifications-policy", "policy.Statement", lambda old: [*old, statement]
    )


def _variable(name: str, value: str) -> Change:
    return set_input(START, f"{_ENVIRONMENT}.{name}", value)


LEAVING: dict[str, Change] = {
    "a collector by its name and port": _variable("COLLECTOR", "collector:4317"),
    # other accounts
    "a topic's messages into another account's queue": _subscription(
        "sqs", _OTHER.format("sqs", "collect")
    ),
    "events to another account's bus": set_input(
        "reconciliation-ended-target", "arn", _OTHER.format("events", "event-bus/default")
    ),
    "another account's API may invoke a function": set_input(
        ROUTE_PERMISSION, "sourceArn", _OTHER.format("execute-api", "abc/*")
    ),
    "another account may invoke a function": set_input(
        "reconciliation-sweep-permission", "principal", OTHER_ACCOUNT
    ),
    "the sweep's permission for another account": set_input(
        "reconciliation-sweep-permission", "sourceAccount", OTHER_ACCOUNT
    ),
    "a trigger of another account writes the tokens' claims": set_input(
        "users-pool",
        "lambdaConfig",
        {"preTokenGeneration": _OTHER.format("lambda", "function:claims")},
    ),
    "another account's layer": set_input(
        START, "layers", [_OTHER.format("lambda", "layer:AWSLambdaPowertoolsPythonV3:1")]
    ),
    "another account's key for the table": set_input(
        "executions-table", "serverSideEncryption.kmsKeyArn", _OTHER.format("kms", "key/abc")
    ),
    "logs into another account": set_input(
        MACHINE, "loggingConfiguration.logDestination", _OTHER.format("logs", "log-group:x:*")
    ),
    "a key for another account": edit_statement(
        "keys-key", "kms:*", with_elements(Principal={"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:root"})
    ),
    "a role that is trusted for another account's executions": edit_statement(
        "workflow-role",
        "sts:AssumeRole",
        with_elements(Condition={"StringEquals": {"aws:SourceAccount": OTHER_ACCOUNT}}),
        "assumeRolePolicy",
    ),
    "a person's user may publish": _allow_topic({"AWS": "arn:aws:iam::123456789012:user/somebody"}),
    "another environment's role may publish": _allow_topic(
        {"AWS": "arn:aws:iam::123456789012:role/goal-mandala-dev-product"}
    ),
    "S3 may publish for anybody's bucket": _allow_topic(
        {"Service": "s3.amazonaws.com"},
        Condition={"ArnLike": {"aws:SourceArn": "arn:aws:s3:*:*:*"}},
    ),
    "a task in another account's role": set_input(
        MACHINE, f"{TASK}.Credentials", {"RoleArn": f"arn:aws:iam::{OTHER_ACCOUNT}:role/x"}
    ),
    # other regions
    "a grant on the table in another region": grant(
        START_POLICY, "dynamodb:GetItem", TABLE_ARN.replace("northeast-1", "northeast-3")
    ),
    "a resource in another region": set_input("alerting-alerts", "region", "us-east-1"),
    "the model in a region that it is not routed to": grant(
        GENERATE_POLICY,
        "bedrock:InvokeModel",
        "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-micro-v1:0",
    ),
    "another model than the configured one": grant(
        GENERATE_POLICY,
        "bedrock:InvokeModel",
        "arn:aws:bedrock:ap-northeast-1::foundation-model/anthropic.claude-opus-4-1-20250805-v1:0",
    ),
    # other hosts
    "signed calls of AWS to a foreign host": _variable(
        "AWS_ENDPOINT_URL", "https://collect.example.net"
    ),
    "signed calls of one service to this machine": _variable(
        "AWS_ENDPOINT_URL_DYNAMODB", "http://localhost:8000"
    ),
    "a proxy": _variable("HTTPS_PROXY", "http://proxy:3128"),
    "a host without a scheme": _variable("COLLECTOR", "collect.example.net:4317"),
    "a public address": _variable("COLLECTOR", "8.8.8.8:53"),
    "a proxy without a scheme": _variable("https_proxy", "collector:3128"),
    "a URL in base64": _variable("NEXT", "aHR0cHM6Ly9jb2xsZWN0LmV4YW1wbGUubmV0"),
    "a URL that is put together at run time": set_input(
        MACHINE, f"{TASK}.Arguments", "{% 'https://' & $states.input.host %}"
    ),
    "a host that only begins like AWS's": _variable(
        "API_URL", "https://sqs.ap-northeast-1.amazonaws.com.collect.example/123456789012/x"
    ),
    "a host behind a user's name": _variable(
        "API_URL", "https://sqs.ap-northeast-1.amazonaws.com@collect.example/"
    ),
    "a bucket's host": _variable("UPLOAD", "https://evil.s3.amazonaws.com/x"),
    "a URL in JSON in a variable": _variable("SETTINGS", '{"report": {"to": "https://a.example"}}'),
    "an encoded URL": _variable("NEXT", "x?to=https%3A%2F%2Fcollect.example.net"),
    "another account's queue URL": _variable(
        "SLACK_QUEUE_URL",
        f"https://sqs.ap-northeast-1.amazonaws.com/{OTHER_ACCOUNT}/goal-mandala-prod-slack",
    ),
    "another API of this region": _variable(
        "API_URL", "https://abc123.execute-api.ap-northeast-1.amazonaws.com"
    ),
    "an address of somebody in a variable": _variable("REPORT_TO", "somebody@example.net"),
    "a route's requests proxied to a foreign host": set_input(
        "api-workflow-start", "integrationUri", "https://collect.example.net/{proxy}"
    ),
    "another pool's tokens": set_input(
        "api-authorizer",
        "jwtConfiguration.issuer",
        "https://cognito-idp.ap-northeast-1.amazonaws.com/ap-northeast-1_other",
    ),
    "a function's image from a foreign registry": set_input(
        START, "imageUri", f"{OTHER_ACCOUNT}.dkr.ecr.ap-northeast-1.amazonaws.com/x:1"
    ),
    "a webhook of a foreign host": _subscription("https", "https://collect.example.net/alerts"),
    "a call to a foreign host in the definition": set_input(
        MACHINE, f"{TASK}.Arguments", {"ApiEndpoint": "https://collect.example.net"}
    ),
    "alarms by telephone": _subscription("sms", "+819012345678"),
    "a bucket's path on AWS's host": _variable("UPLOAD", "s3.ap-northeast-1.amazonaws.com/collect"),
    "a function of another region behind a route": set_input(
        "api-workflow-start",
        "integrationUri",
        "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/"
        f"{_OWN_FUNCTION}/invocations",
    ),
    # typing errors
    "an alias that the state machine does not have": set_input(
        "functions-workflow-start",
        f"{_ENVIRONMENT}.STATE_MACHINE_ARN",
        ARN.format("states", "stateMachine:TaskGenerationWorkflow-prod:lve"),
    ),
    "a grant on dev's table": grant(
        START_POLICY, "dynamodb:GetItem", TABLE_ARN.replace("-prod", "-dev")
    ),
    "a grant on an index that the table does not have": grant(
        START_POLICY, "dynamodb:Query", f"{TABLE_ARN}/index/none-index"
    ),
    "a permission for every rule": set_input(
        "reconciliation-sweep-permission", "sourceArn", ARN.format("events", "rule/*")
    ),
    "any API of the account may invoke a function": set_input(
        ROUTE_PERMISSION, "sourceArn", ARN.format("execute-api", "*/*/*")
    ),
    "an alarm that tells a topic with a typing error": set_input(
        "alarms-outage", "alarmActions", [ARN.format("sns", "workflow-alert-prod")]
    ),
    "an alias that no function has": set_input(MACHINE, f"{TASK}.Resource", f"{_OWN_FUNCTION}x"),
    "a dead-letter queue with a typing error": set_input(
        "slack-queue",
        "redrivePolicy",
        json.dumps({"deadLetterTargetArn": ARN.format("sqs", "goal-mandala-prod-slack-dead")}),
    ),
    "an ARN that is put together at run time": set_input(
        MACHINE, f"{TASK}.Arguments", "{% 'arn:aws:lambda:' & $states.input.target %}"
    ),
}

STAYING: dict[str, Change] = {
    "the program as it is": unchanged,
    "a grant on another index of the table": grant(
        START_POLICY, "dynamodb:Query", f"{TABLE_ARN}/index/userId-index"
    ),
    "a person more by e-mail": _subscription("email", "second@example.com"),
    "the product's own role may publish": _allow_topic(
        {"AWS": "arn:aws:iam::123456789012:role/goal-mandala-prod-product"}
    ),
    "this account by its number": edit_statement(
        "keys-key", "kms:*", with_elements(Principal={"AWS": "123456789012"})
    ),
    "AWS's own layer": set_input(
        START,
        "layers",
        [
            "arn:aws:lambda:ap-northeast-1:017000801446:layer:"
            "AWSLambdaPowertoolsPythonV3-python313-arm64:7"
        ],
    ),
    "a guardrail by its ARN": grant(
        GENERATE_POLICY,
        "bedrock:ApplyGuardrail",
        ARN.format("bedrock", "guardrail/abc123def456"),
    ),
    "a parameter of the stack, read by its ARN": all_changes(
        declare("aws:ssm/parameter:Parameter", "prompt", {"name": "/goal-mandala-prod/prompt"}),
        grant(
            GENERATE_POLICY,
            "ssm:GetParameter",
            ARN.format("ssm", "parameter/goal-mandala-prod/prompt"),
        ),
    ),
    "a secret more with its reader": all_changes(
        declare(resource_types.SECRET, "more", {"name": "goal-mandala-prod-more"}),
        grant(
            START_POLICY,
            "secretsmanager:GetSecretValue",
            ARN.format("secretsmanager", "secret:goal-mandala-prod-more-??????"),
        ),
    ),
    "a topic more and an alarm that tells it": all_changes(
        declare(resource_types.TOPIC, "more", {"name": "goal-mandala-prod-more"}),
        set_input("alarms-outage", "okActions", [ARN.format("sns", "goal-mandala-prod-more")]),
    ),
    "a Deny of what is never done": edit_input(
        START_POLICY,
        "policy.Statement",
        lambda old: [
            *old,
            {"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::other-bucket/*"},
        ],
    ),
    "AWS's extension on this machine": _variable(
        "EXTENSION_URL", "http://localhost:2773/secretsmanager/get"
    ),
    "masking of personal data": declare(
        "aws:cloudwatch/logDataProtectionPolicy:LogDataProtectionPolicy",
        "masking",
        {
            "logGroupName": "/aws/lambda/goal-mandala-prod-workflow-start",
            "policyDocument": json.dumps(
                {
                    "Name": "masking",
                    "Version": "2021-06-01",
                    "Statement": [
                        {
                            "Sid": "mask",
                            "DataIdentifier": [
                                "arn:aws:dataprotection::aws:data-identifier/EmailAddress"
                            ],
                            "Operation": {"Deidentify": {"MaskConfig": {}}},
                        }
                    ],
                }
            ),
        },
    ),
    "a function behind a route by its invocation's URI": set_input(
        "api-workflow-start",
        "integrationUri",
        "arn:aws:apigateway:ap-northeast-1:lambda:path/2015-03-31/functions/"
        f"{_OWN_FUNCTION}/invocations",
    ),
    "a link to a runbook, which a setting chooses": set_input(
        "functions-slack-notifier",
        f"{_ENVIRONMENT}.RUNBOOK_URL",
        "https://wiki.example.com/runbook",
    ),
    "a link for people in a description": set_input(
        "alarms-outage", "alarmDescription", "See https://wiki.example.com/runbook"
    ),
    "an id with twelve digits at its end": _variable(
        "PROBE", "00000000-0000-7000-8000-000000000000"
    ),
    "a field's and a file's name": _variable("FIELD", "detail.status, runbook.md, handlers.start"),
    "a task that publishes by Step Functions' own integration": set_input(
        MACHINE, f"{TASK}.Resource", "arn:aws:states:::sns:publish.waitForTaskToken"
    ),
    "a version of a function": set_input(
        MACHINE, f"{TASK}.Resource", _OWN_FUNCTION.replace(":live", ":7")
    ),
    "AWS Health's events to the operators": all_changes(
        declare(
            resource_types.EVENT_RULE,
            "health",
            {"name": "goal-mandala-prod-health", "eventPattern": '{"source": ["aws.health"]}'},
        ),
        declare(
            resource_types.EVENT_TARGET,
            "health-target",
            {
                "rule": "goal-mandala-prod-health",
                "arn": ARN.format("sns", "workflow-alerts-prod"),
            },
        ),
    ),
    "a longer list of web origins": set_input(
        "api-api",
        "corsConfiguration",
        {"allowOrigins": ["https://goals.example.com", "https://admin.example.com"]},
    ),
    "another size of a function": set_input(GENERATE, "memorySize", 2048),
}

_POLICY = "boundary-own-references"

MUTANTS = (
    *(Mutant(_POLICY, what, change) for what, change in LEAVING.items()),
    *(Mutant(_POLICY, what, change, near_miss=True) for what, change in STAYING.items()),
    Mutant(
        _POLICY,
        "another Nova model, configured and granted",
        all_changes(
            set_input(GENERATE, f"{_ENVIRONMENT}.BEDROCK_MODEL", "amazon.nova-lite-v1:0"),
            edit_statement(
                GENERATE_POLICY,
                "bedrock:InvokeModel",
                with_elements(
                    Resource=[
                        "arn:aws:bedrock:ap-northeast-1::foundation-model/amazon.nova-lite-v1:0"
                    ]
                ),
            ),
        ),
        near_miss=True,
    ),
)

"""Mutants of roles, policies and trust."""

from policies import resource_types
from tests.policies.mutate import (
    REMOVED,
    UNKNOWN,
    Mutant,
    add,
    both,
    edit,
    elements,
    grant,
    put,
    same,
    source,
    without_action,
)

START = "functions-workflow-start-policy"
GENERATE = "functions-task-generation-policy"
MACHINE = "workflow-policy"
ARN = "arn:aws:{}:ap-northeast-1:123456789012:{}"
TABLE = ARN.format("dynamodb", "table/WorkflowExecution-prod")
MACHINE_ARN = ARN.format("states", "stateMachine:TaskGenerationWorkflow-prod")
KEYS = ARN.format("kms", "key/*")
ALIAS = "alias/goal-mandala-prod-workflow"
OURS = {
    "ForAnyValue:StringEquals": {"kms:ResourceAliases": ALIAS},
    "StringEquals": {"kms:ViaService": "sns.ap-northeast-1.amazonaws.com"},
}

MUTANTS = (
    Mutant("preview-document-known", "a policy made of outputs", put(START, "policy", UNKNOWN)),
    Mutant(
        "preview-document-known",
        "a trust policy made of outputs",
        put("workflow-role", "assumeRolePolicy", UNKNOWN),
    ),
    Mutant(
        "preview-document-known",
        "a topic's own policy made of outputs",
        put("alerting-alerts", "policy", UNKNOWN),
    ),
    Mutant(
        "preview-document-known",
        "inline policies made of outputs",
        put("workflow-role", "inlinePolicies", UNKNOWN),
    ),
    Mutant(
        "preview-document-known",
        "an event pattern made of outputs",
        put("reconciliation-ended", "eventPattern", UNKNOWN),
    ),
    Mutant(
        "preview-document-known",
        "a definition that is not JSON",
        put("workflow-machine", "definition", "{"),
    ),
    Mutant(
        "preview-document-known",
        "a key whose ARN is unknown",
        put("alerting-alerts", "kmsMasterKeyId", UNKNOWN),
        near_miss=True,
    ),
    Mutant(
        "preview-source-known",
        "a rule's permission made of its output",
        both(
            put("reconciliation-sweep-permission", "sourceArn", UNKNOWN),
            source("reconciliation-sweep-permission", "sourceArn", "reconciliation-sweep"),
        ),
    ),
    Mutant("preview-source-known", "an API's permission, with its id", same, near_miss=True),
    Mutant("iam-no-wildcard-action", "dynamodb:*", grant(START, "dynamodb:*", TABLE)),
    Mutant("iam-no-wildcard-action", "everything", grant(START, "*", TABLE)),
    Mutant("iam-no-wildcard-action", "Get?tem", grant(START, ["dynamodb:Get?tem"], TABLE)),
    Mutant(
        "iam-no-wildcard-action",
        "dynamodb:Put* on a managed policy",
        add(
            "aws:iam/policy:Policy",
            "more",
            {
                "policy": '{"Statement": {"Effect": "Allow", "Action": "dynamodb:Put*",'
                f' "Resource": "{TABLE}"}}}}'
            },
        ),
    ),
    Mutant(
        "iam-no-wildcard-action",
        "a Deny of everything",
        grant(START, "*", "*", Effect="Deny"),
        near_miss=True,
    ),
    Mutant("iam-known-action", "dynamodb:ReadItem", grant(START, "dynamodb:ReadItem", TABLE)),
    Mutant(
        "iam-known-action",
        "DynamoDB:getitem, which is the same to IAM",
        grant(START, "DynamoDB:getitem", TABLE),
        near_miss=True,
    ),
    Mutant("iam-no-wildcard-resource", "GetItem on *", grant(START, "dynamodb:GetItem", "*")),
    Mutant(
        "iam-no-wildcard-resource",
        "GetItem on table/*",
        grant(START, "dynamodb:GetItem", ARN.format("dynamodb", "table/*")),
    ),
    Mutant(
        "iam-no-wildcard-resource",
        "a key without its alias",
        grant(START, "kms:Decrypt", KEYS, Condition={"StringEquals": OURS["StringEquals"]}),
    ),
    Mutant(
        "iam-no-wildcard-resource",
        "a key under ForAllValues, which holds of keys without aliases",
        grant(
            START,
            "kms:Decrypt",
            KEYS,
            Condition={
                "ForAllValues:StringEquals": OURS["ForAnyValue:StringEquals"],
                "StringEquals": OURS["StringEquals"],
            },
        ),
    ),
    Mutant(
        "iam-no-wildcard-resource",
        "executions of every machine",
        grant(START, "states:StopExecution", ARN.format("states", "execution:*")),
    ),
    Mutant(
        "iam-no-wildcard-resource",
        "the machine's log written everywhere",
        grant(MACHINE, "logs:PutLogEvents", "*"),
    ),
    Mutant(
        "iam-no-wildcard-resource",
        "a key under its alias, through SNS",
        grant(START, "kms:Decrypt", KEYS, Condition=OURS),
        near_miss=True,
    ),
    Mutant(
        "iam-no-wildcard-resource",
        "xray:PutTraceSegments, which has no resource level",
        grant(START, "xray:PutTraceSegments", "*"),
        near_miss=True,
    ),
    Mutant(
        "iam-resource-fits-action",
        "StartExecution on an execution",
        edit(
            START,
            "states:StartExecution",
            elements(Resource=ARN.format("states", "execution:TaskGenerationWorkflow-prod:*")),
        ),
    ),
    Mutant(
        "iam-resource-fits-action",
        "StartExecution on the alias",
        edit(
            START,
            "states:StartExecution",
            elements(Resource=MACHINE_ARN + ":live"),
        ),
    ),
    Mutant(
        "iam-resource-fits-action",
        "Decrypt on a key's alias",
        grant(START, "kms:Decrypt", ARN.format("kms", ALIAS)),
    ),
    Mutant(
        "iam-resource-fits-action",
        "Query on an index",
        grant(START, "dynamodb:Query", f"{TABLE}/index/goalId-index"),
        near_miss=True,
    ),
    Mutant(
        "iam-no-inversion",
        "NotAction",
        edit(START, "dynamodb:GetItem", elements(Action=REMOVED, NotAction=["iam:PassRole"])),
    ),
    Mutant(
        "iam-no-inversion",
        "NotPrincipal on a topic",
        edit(
            "alerting-alerts-policy",
            "sns:Publish",
            elements(Effect="Allow", Principal=REMOVED, NotPrincipal={"AWS": "123456789012"}),
        ),
    ),
    Mutant(
        "iam-no-inversion",
        "a Deny with NotResource",
        edit(
            "alerting-notifications-policy",
            "sns:Publish",
            lambda old: {**old, "NotResource": TABLE} if old["Effect"] == "Deny" else old,
        ),
        near_miss=True,
    ),
    Mutant(
        "iam-pass-role",
        "PassRole on every role",
        grant(START, "iam:PassRole", "*"),
    ),
    Mutant(
        "iam-pass-role",
        "PassRole to any service",
        grant(START, "iam:PassRole", "arn:aws:iam::123456789012:role/goal-mandala-prod-x"),
    ),
    Mutant(
        "iam-pass-role",
        "PassRole of one role to Lambda",
        grant(
            START,
            "iam:PassRole",
            "arn:aws:iam::123456789012:role/goal-mandala-prod-workflow-start-role",
            Condition={"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}},
        ),
        near_miss=True,
    ),
    Mutant(
        "iam-no-escalation",
        "iam:PutRolePolicy on its own role",
        grant(
            START,
            "iam:PutRolePolicy",
            "arn:aws:iam::123456789012:role/goal-mandala-prod-workflow-start-role",
        ),
    ),
    Mutant(
        "iam-no-escalation",
        "lambda:UpdateFunctionCode",
        grant(
            GENERATE,
            "lambda:UpdateFunctionCode",
            ARN.format("lambda", "function:goal-mandala-prod-workflow-start"),
        ),
    ),
    Mutant(
        "iam-no-escalation",
        "iam:GetRole",
        grant(
            START,
            "iam:GetRole",
            "arn:aws:iam::123456789012:role/goal-mandala-prod-workflow-start-role",
        ),
        near_miss=True,
    ),
    Mutant(
        "iam-readable-grants",
        "a managed policy of AWS on a role",
        put(
            "functions-workflow-start-role",
            "managedPolicyArns",
            ["arn:aws:iam::aws:policy/AdministratorAccess"],
        ),
    ),
    Mutant(
        "iam-readable-grants",
        "an attachment",
        add(
            "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
            "more",
            {
                "role": "goal-mandala-prod-workflow-start-role",
                "policyArn": "arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess",
            },
        ),
    ),
    Mutant(
        "iam-readable-grants",
        "a user's access key",
        add("aws:iam/accessKey:AccessKey", "ci", {"user": "ci"}),
    ),
    Mutant(
        "iam-readable-grants",
        "no managed policies, said so",
        put("functions-workflow-start-role", "managedPolicyArns", []),
        near_miss=True,
    ),
    Mutant(
        "iam-trust",
        "the whole account",
        edit(
            "functions-workflow-start-role",
            "sts:AssumeRole",
            elements(Principal={"AWS": "arn:aws:iam::123456789012:root"}),
            "assumeRolePolicy",
        ),
    ),
    Mutant(
        "iam-trust",
        "two services",
        edit(
            "functions-workflow-start-role",
            "sts:AssumeRole",
            elements(Principal={"Service": ["lambda.amazonaws.com", "ec2.amazonaws.com"]}),
            "assumeRolePolicy",
        ),
    ),
    Mutant(
        "iam-trust",
        "Step Functions for anybody",
        edit("workflow-role", "sts:AssumeRole", elements(Condition=REMOVED), "assumeRolePolicy"),
    ),
    Mutant(
        "iam-trust",
        "Step Functions for this account only",
        edit(
            "workflow-role",
            "sts:AssumeRole",
            elements(Condition={"StringEquals": {"aws:SourceAccount": "123456789012"}}),
            "assumeRolePolicy",
        ),
        near_miss=True,
    ),
    Mutant(
        "iam-one-role-each",
        "two functions with one role",
        source("functions-workflow-start", "role", "functions-workflow-cancel-role"),
    ),
    Mutant(
        "iam-one-role-each",
        "a role that nobody holds",
        add(
            resource_types.ROLE,
            "idle",
            {"name": "idle", "assumeRolePolicy": '{"Statement": []}'},
        ),
    ),
    Mutant(
        "iam-one-role-each",
        "the role by its computed ARN",
        put(
            "functions-workflow-start",
            "role",
            "arn:aws:iam::123456789012:role/goal-mandala-prod-workflow-start-role",
        ),
        near_miss=True,
    ),
    Mutant(
        "stack-grants-its-own",
        "the table of dev",
        grant(START, "dynamodb:GetItem", TABLE.replace("-prod", "-dev")),
    ),
    Mutant(
        "stack-grants-its-own",
        "a permission for every rule",
        put(
            "reconciliation-sweep-permission",
            "sourceArn",
            ARN.format("events", "rule/*"),
        ),
    ),
    Mutant(
        "stack-grants-its-own",
        "the table in another region",
        grant(START, "dynamodb:GetItem", TABLE.replace("northeast-1", "northeast-3")),
    ),
    Mutant(
        "stack-grants-its-own",
        "an index that the table lacks",
        grant(START, "dynamodb:Query", f"{TABLE}/index/none-index"),
    ),
    Mutant(
        "stack-grants-its-own",
        "another index of the table",
        grant(START, "dynamodb:Query", f"{TABLE}/index/userId-index"),
        near_miss=True,
    ),
    Mutant(
        "stack-roles-suffice",
        "a machine that may not invoke its functions",
        edit(MACHINE, "lambda:InvokeFunction", elements(Effect="Deny")),
    ),
    Mutant(
        "stack-roles-suffice",
        "functions granted without the alias",
        edit(
            MACHINE,
            "lambda:InvokeFunction",
            lambda old: {**old, "Resource": [r.removesuffix(":live") for r in old["Resource"]]},
        ),
    ),
    Mutant(
        "stack-roles-suffice",
        "an inference profile without the model behind it",
        edit(
            GENERATE,
            "bedrock:InvokeModel",
            lambda old: {**old, "Resource": old["Resource"][:1]},
        ),
    ),
    Mutant(
        "stack-roles-suffice",
        "a function in a VPC that may make no interface",
        put("functions-workflow-start", "vpcConfig", {"subnetIds": ["subnet-1"]}),
    ),
    Mutant(
        "stack-roles-suffice",
        "no log delivery",
        edit(MACHINE, "logs:CreateLogDelivery", without_action("logs:CreateLogDelivery")),
    ),
    Mutant(
        "stack-roles-suffice",
        "one function more than the machine calls",
        edit(
            MACHINE,
            "lambda:InvokeFunction",
            lambda old: {
                **old,
                "Resource": [
                    *old["Resource"],
                    ARN.format("lambda", "function:goal-mandala-prod-workflow-start:live"),
                ],
            },
        ),
        near_miss=True,
    ),
)

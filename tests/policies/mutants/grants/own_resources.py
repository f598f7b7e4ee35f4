"""Mutants for `policies.rules.grants.own_resources`."""

from tests.policies.mutate import (
    Mutant,
    edit_statement,
    grant,
    set_input,
    with_elements,
    without_action,
)
from tests.policies.names import ARN, GENERATE_POLICY, MACHINE_POLICY, START_POLICY, TABLE_ARN

MUTANTS = (
    Mutant(
        "stack-grants-its-own",
        "a grant on dev's table",
        grant(START_POLICY, "dynamodb:GetItem", TABLE_ARN.replace("-prod", "-dev")),
    ),
    Mutant(
        "stack-grants-its-own",
        "a permission for every rule",
        set_input(
            "reconciliation-sweep-permission",
            "sourceArn",
            ARN.format("events", "rule/*"),
        ),
    ),
    Mutant(
        "stack-grants-its-own",
        "a grant on the table in another region",
        grant(START_POLICY, "dynamodb:GetItem", TABLE_ARN.replace("northeast-1", "northeast-3")),
    ),
    Mutant(
        "stack-grants-its-own",
        "a grant on an index that the table does not have",
        grant(START_POLICY, "dynamodb:Query", f"{TABLE_ARN}/index/none-index"),
    ),
    Mutant(
        "stack-grants-its-own",
        "a grant on another index of the table",
        grant(START_POLICY, "dynamodb:Query", f"{TABLE_ARN}/index/userId-index"),
        near_miss=True,
    ),
    Mutant(
        "stack-roles-suffice",
        "a state machine that may not invoke its functions",
        edit_statement(MACHINE_POLICY, "lambda:InvokeFunction", with_elements(Effect="Deny")),
    ),
    Mutant(
        "stack-roles-suffice",
        "functions granted without the alias",
        edit_statement(
            MACHINE_POLICY,
            "lambda:InvokeFunction",
            lambda old: {**old, "Resource": [r.removesuffix(":live") for r in old["Resource"]]},
        ),
    ),
    Mutant(
        "stack-roles-suffice",
        "an inference profile without the model behind it",
        edit_statement(
            GENERATE_POLICY,
            "bedrock:InvokeModel",
            lambda old: {**old, "Resource": old["Resource"][:1]},
        ),
    ),
    Mutant(
        "stack-roles-suffice",
        "a function in a VPC that may not create a network interface",
        set_input("functions-workflow-start", "vpcConfig", {"subnetIds": ["subnet-1"]}),
    ),
    Mutant(
        "stack-roles-suffice",
        "a state machine that may not deliver logs",
        edit_statement(
            MACHINE_POLICY, "logs:CreateLogDelivery", without_action("logs:CreateLogDelivery")
        ),
    ),
    Mutant(
        "stack-roles-suffice",
        "a grant on one function more than the state machine calls",
        edit_statement(
            MACHINE_POLICY,
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

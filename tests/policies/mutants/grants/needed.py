"""Mutants of grants that functions and the state machine cannot do without."""

import json

from tests.policies.mutate import (
    REMOVED,
    Mutant,
    all_changes,
    edit_input,
    edit_statement,
    set_input,
    with_elements,
    without_action,
)
from tests.policies.names import MACHINE_POLICY, START_POLICY, TABLE_ARN

NOTIFIER_POLICY = "functions-slack-notifier-policy"
STATUS_POLICY = "functions-workflow-status-policy"
ARCHIVE_POLICY = "functions-workflow-archive-policy"
PREPARE_POLICY = "functions-workflow-prepare-policy"

MUTANTS = (
    Mutant(
        "grants-needed",
        "a start that may not undo itself",
        edit_statement(START_POLICY, "dynamodb:UpdateItem", without_action("dynamodb:UpdateItem")),
    ),
    Mutant(
        "grants-needed",
        "a start that is denied",
        edit_statement(START_POLICY, "states:StartExecution", with_elements(Effect="Deny")),
    ),
    Mutant(
        "grants-needed",
        "an execution that may not leave the queue for its turn",
        edit_statement(
            PREPARE_POLICY, "dynamodb:DeleteItem", without_action("dynamodb:DeleteItem")
        ),
    ),
    Mutant(
        "grants-needed",
        "no queries of one index",
        edit_statement(
            STATUS_POLICY,
            "dynamodb:Query",
            lambda old: {**old, "Resource": [TABLE_ARN, f"{TABLE_ARN}/index/goalId-index"]},
        ),
    ),
    Mutant(
        "grants-needed",
        "an alarm whose state the notifier cannot show",
        edit_statement(
            NOTIFIER_POLICY,
            "cloudwatch:DescribeAlarms",
            lambda old: {**old, "Resource": old["Resource"][1:]},
        ),
    ),
    Mutant(
        "grants-needed",
        "an archive that may not read back what it wrote",
        edit_statement(ARCHIVE_POLICY, "s3:GetObject", without_action("s3:GetObject")),
    ),
    Mutant(
        "grants-needed",
        "an archive that may write other objects only",
        edit_statement(
            ARCHIVE_POLICY,
            "s3:PutObject",
            lambda old: {**old, "Resource": [each + "old/*" for each in old["Resource"]]},
        ),
    ),
    Mutant(
        "grants-needed",
        "an archive that finds no executions by their month",
        edit_input(
            ARCHIVE_POLICY,
            "policy.Statement",
            lambda old: [each for each in old if "/index/" not in str(each["Resource"])],
        ),
    ),
    Mutant(
        "grants-needed",
        "an archive that may read and write every object of its bucket",
        edit_statement(
            ARCHIVE_POLICY,
            "s3:PutObject",
            lambda old: {
                **old,
                "Resource": [each.replace("/executions/*", "/*") for each in old["Resource"]],
            },
        ),
        near_miss=True,
    ),
    Mutant(
        "grants-needed",
        "backups that nobody may begin",
        edit_statement(
            "backups-policy",
            "dynamodb:StartAwsBackupJob",
            without_action("dynamodb:StartAwsBackupJob"),
        ),
    ),
    Mutant(
        "grants-needed",
        "backups of another table",
        edit_statement(
            "backups-policy",
            "dynamodb:StartAwsBackupJob",
            with_elements(Resource=[f"{TABLE_ARN}-other"]),
        ),
    ),
    Mutant(
        "grants-needed",
        "a state machine that may not write its log",
        edit_statement(MACHINE_POLICY, "logs:PutLogEvents", without_action("logs:PutLogEvents")),
    ),
    Mutant(
        "grants-needed",
        "a VPC whose second subnet is not granted",
        set_input(
            "functions-workflow-start",
            "vpcConfig",
            {"subnetIds": ["subnet-1", "subnet-2"], "securityGroupIds": ["sg-1"]},
        ),
    ),
    Mutant(
        "grants-needed",
        "the same grants in one statement, in lower case, and all indexes",
        all_changes(
            edit_statement(
                STATUS_POLICY,
                "dynamodb:Query",
                lambda old: {**old, "Action": [each.lower() for each in old["Action"]]},
            ),
            edit_input(
                STATUS_POLICY,
                "policy.Statement",
                lambda old: [
                    {**each, "Resource": [f"{TABLE_ARN}/index/*"]}
                    if "/index/" in str(each["Resource"])
                    else each
                    for each in old
                ],
            ),
        ),
        near_miss=True,
    ),
    Mutant(
        "grants-key-by-service",
        "a table whose key the function may only decrypt with",
        edit_input(
            START_POLICY,
            "policy.Statement",
            lambda old: [
                {**each, "Action": ["kms:Decrypt", "kms:GenerateDataKey"]}
                if "dynamodb." in str(each.get("Condition"))
                else each
                for each in old
            ],
        ),
    ),
    Mutant(
        "grants-key-by-service",
        "an archive that may not encrypt its objects",
        edit_input(
            ARCHIVE_POLICY,
            "policy.Statement",
            lambda old: [each for each in old if '"s3.' not in json.dumps(each)],
        ),
    ),
    Mutant(
        "grants-key-by-service",
        "a function that may encrypt through Secrets Manager",
        edit_input(
            START_POLICY,
            "policy.Statement",
            lambda old: [
                {**each, "Action": ["kms:Decrypt", "kms:Encrypt"]}
                if "secretsmanager." in str(each.get("Condition"))
                else each
                for each in old
            ],
        ),
    ),
    Mutant(
        "grants-key-by-service",
        "statements without names",
        edit_input(
            START_POLICY,
            "policy.Statement",
            lambda old: [with_elements(Sid=REMOVED)(each) for each in old],
        ),
        near_miss=True,
    ),
)

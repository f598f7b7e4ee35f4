"""Mutants for `policies.rules.encryption`."""

from policies.stack import resource_types
from tests.policies.mutate import (
    REMOVED,
    UNKNOWN,
    Mutant,
    all_changes,
    declare,
    edit_input,
    edit_statement,
    set_input,
    set_source,
    with_elements,
    without,
)
from tests.policies.names import START, TABLE

WITHOUT_TLS = {"Bool": {"aws:SecureTransport": "false"}}


MUTANTS = (
    Mutant(
        "encryption-customer-key",
        "a topic without a key",
        set_input("alerting-alerts", "kmsMasterKeyId", REMOVED),
    ),
    Mutant(
        "encryption-customer-key",
        "a topic with AWS's key",
        all_changes(
            set_input("alerting-alerts", "kmsMasterKeyId", "alias/aws/sns"),
            set_source("alerting-alerts", "kmsMasterKeyId", None),
        ),
    ),
    Mutant(
        "encryption-customer-key",
        "a table with DynamoDB's own key",
        set_input(TABLE, "serverSideEncryption.enabled", value=False),
    ),
    Mutant(
        "encryption-customer-key",
        "an environment without a key",
        set_input(START, "kmsKeyArn", REMOVED),
    ),
    Mutant(
        "encryption-customer-key",
        "a log group with a key of unknown origin",
        set_source("workflow-log", "kmsKeyId", None),
    ),
    Mutant(
        "encryption-customer-key",
        "one more queue, with the stack's key",
        declare(
            resource_types.QUEUE,
            "more",
            {"name": "more", "kmsMasterKeyId": UNKNOWN},
            sources={"kmsMasterKeyId": "keys-key"},
        ),
        near_miss=True,
    ),
    Mutant(
        "encryption-key-rotation",
        "a key without rotation",
        set_input("keys-key", "enableKeyRotation", value=False),
    ),
    Mutant(
        "encryption-key-rotation",
        "a key with AWS's default policy",
        set_input("keys-key", "policy", REMOVED),
    ),
    Mutant(
        "encryption-key-rotation",
        "a key that is deleted after 7 days, AWS's minimum",
        set_input("keys-key", "deletionWindowInDays", 7),
        near_miss=True,
    ),
    Mutant(
        "encryption-key-rotation",
        "a disabled key",
        set_input("keys-key", "isEnabled", value=False),
    ),
    Mutant(
        "encryption-tls-only",
        "a subscription over http",
        declare(
            resource_types.SUBSCRIPTION, "web", {"protocol": "http", "endpoint": "http://x.invalid"}
        ),
    ),
    Mutant("encryption-tls-only", "a topic without a policy", without("alerting-alerts-policy")),
    Mutant(
        "encryption-tls-only",
        "a Deny for one account only",
        edit_statement(
            "alerting-notifications-policy",
            "sns:Publish",
            with_elements(Principal={"AWS": "123456789012"}),
        ),
    ),
    Mutant(
        "encryption-tls-only",
        "a Deny of requests with TLS",
        edit_statement(
            "alerting-notifications-policy",
            "sns:Publish",
            with_elements(Condition={"Bool": {"aws:SecureTransport": "true"}}),
        ),
    ),
    Mutant(
        "encryption-tls-only",
        "a Deny with one more condition",
        edit_statement(
            "alerting-notifications-policy",
            "sns:Publish",
            with_elements(Condition={**WITHOUT_TLS, "StringEquals": {"aws:SourceAccount": "1"}}),
        ),
    ),
    Mutant(
        "encryption-tls-only",
        "a Deny by BoolIfExists, which refuses no less",
        edit_statement(
            "alerting-notifications-policy",
            "sns:Publish",
            with_elements(Condition={"BoolIfExists": {"aws:SecureTransport": "false"}}),
        ),
        near_miss=True,
    ),
    Mutant(
        "encryption-tls-only",
        "a Deny of all SNS actions",
        edit_statement(
            "alerting-notifications-policy",
            "sns:Publish",
            with_elements(Action=["sns:*"], Principal={"AWS": "*"}),
        ),
        near_miss=True,
    ),
    Mutant(
        "encryption-log-groups-have-key",
        "a log group that the key's policy leaves out",
        edit_statement(
            "keys-key",
            "kms:GenerateDataKeyWithoutPlaintext",
            lambda old: {
                **old,
                "Condition": {
                    "ArnEquals": {
                        key: arns[1:] for key, arns in old["Condition"]["ArnEquals"].items()
                    }
                },
            },
        ),
    ),
    Mutant(
        "encryption-log-groups-have-key",
        "a key's policy for the logs of another region",
        edit_statement(
            "keys-key",
            "kms:GenerateDataKeyWithoutPlaintext",
            with_elements(Principal={"Service": "logs.us-east-1.amazonaws.com"}),
        ),
    ),
    Mutant(
        "encryption-log-groups-have-key",
        "a key's policy with one ARN more than there are log groups",
        edit_statement(
            "keys-key",
            "kms:GenerateDataKeyWithoutPlaintext",
            lambda old: {
                **old,
                "Condition": {
                    "ArnEquals": {
                        key: [*arns, "arn:aws:logs:ap-northeast-1:123456789012:log-group:x"]
                        for key, arns in old["Condition"]["ArnEquals"].items()
                    }
                },
            },
        ),
        near_miss=True,
    ),
    Mutant(
        "encryption-callers-have-key",
        "backups whose role may use no key",
        edit_input(
            "backups-policy",
            "policy.Statement",
            lambda old: [
                with_elements(Condition={"ForAnyValue:StringEquals": {"kms:ResourceAliases": "*"}})(
                    each
                )
                if "kms:" in str(each["Action"])
                else each
                for each in old
            ],
        ),
    ),
    Mutant(
        "encryption-callers-have-key",
        "a state machine that publishes to an encrypted topic and may not use its key",
        edit_input(
            "workflow-policy",
            "policy.Statement",
            lambda old: [s for s in old if "sns." not in str(s.get("Condition"))],
        ),
    ),
    Mutant(
        "encryption-callers-have-key",
        "a grant of a key by an alias that does not exist",
        edit_input(
            "workflow-policy",
            "policy",
            lambda old: old.replace("alias/goal-mandala-prod", "alias/goal-mandala-dev"),
        ),
    ),
    Mutant(
        "encryption-callers-have-key",
        "an alias of another key",
        set_source("keys-alias", "targetKeyId", None),
    ),
    Mutant(
        "encryption-callers-have-key",
        "a key whose policy does not let IAM decide",
        edit_input("keys-key", "policy.Statement", lambda old: old[1:]),
    ),
    Mutant(
        "encryption-callers-have-key",
        "a key whose policy lets IAM decide by the account's number",
        edit_statement("keys-key", "kms:*", with_elements(Principal={"AWS": "123456789012"})),
        near_miss=True,
    ),
    Mutant(
        "encryption-tls-statement",
        "a topic's policy without its TLS statement",
        edit_input(
            "alerting-alerts-policy",
            "policy.Statement",
            lambda old: [each for each in old if each["Effect"] == "Allow"],
        ),
    ),
    Mutant(
        "encryption-tls-statement",
        "a TLS statement for one user agent only",
        edit_input(
            "alerting-alerts-policy",
            "policy.Statement",
            lambda old: [
                {**each, "Condition": {**each["Condition"], "StringEquals": {"aws:UserAgent": "x"}}}
                if each["Effect"] == "Deny"
                else each
                for each in old
            ],
        ),
    ),
    Mutant(
        "encryption-tls-statement",
        "TLS only by BoolIfExists, which refuses no less",
        edit_input(
            "alerting-alerts-policy",
            "policy.Statement",
            lambda old: [
                {**each, "Condition": {"BoolIfExists": {"aws:SecureTransport": "false"}}}
                if each["Effect"] == "Deny"
                else each
                for each in old
            ],
        ),
        near_miss=True,
    ),
)

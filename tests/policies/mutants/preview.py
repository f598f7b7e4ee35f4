"""Mutants for `policies.rules.preview`."""

from tests.policies.mutate import UNKNOWN, Mutant, all_changes, set_input, set_source, unchanged
from tests.policies.names import START_POLICY

MUTANTS = (
    Mutant(
        "preview-document-known",
        "a role's policy made of outputs",
        set_input(START_POLICY, "policy", UNKNOWN),
    ),
    Mutant(
        "preview-document-known",
        "a trust policy made of outputs",
        set_input("workflow-role", "assumeRolePolicy", UNKNOWN),
    ),
    Mutant(
        "preview-document-known",
        "a topic's own policy made of outputs",
        set_input("alerting-alerts", "policy", UNKNOWN),
    ),
    Mutant(
        "preview-document-known",
        "inline policies made of outputs",
        set_input("workflow-role", "inlinePolicies", UNKNOWN),
    ),
    Mutant(
        "preview-document-known",
        "an event pattern made of outputs",
        set_input("reconciliation-ended", "eventPattern", UNKNOWN),
    ),
    Mutant(
        "preview-document-known",
        "a definition that is not JSON",
        set_input("workflow-machine", "definition", "{"),
    ),
    Mutant(
        "preview-document-known",
        "a key whose ARN is unknown",
        set_input("alerting-alerts", "kmsMasterKeyId", UNKNOWN),
        near_miss=True,
    ),
    Mutant(
        "preview-source-known",
        "a rule's permission with the rule's ARN as an output",
        all_changes(
            set_input("reconciliation-sweep-permission", "sourceArn", UNKNOWN),
            set_source("reconciliation-sweep-permission", "sourceArn", "reconciliation-sweep"),
        ),
    ),
    Mutant(
        "preview-source-known",
        "the program as it is, with the API's id in a permission",
        unchanged,
        near_miss=True,
    ),
)

"""Mutants for `policies.rules.preview`."""

from tests.policies.mutate import UNKNOWN, Mutant, all_changes, set_input, set_source, unchanged
from tests.policies.names import START_POLICY

MUTANTS = (
    Mutant(
        "preview-inputs-known",
        "a role's policy made of outputs",
        set_input(START_POLICY, "policy", UNKNOWN),
    ),
    Mutant(
        "preview-inputs-known",
        "a trust policy made of outputs",
        set_input("workflow-role", "assumeRolePolicy", UNKNOWN),
    ),
    Mutant(
        "preview-inputs-known",
        "a topic's own policy made of outputs",
        set_input("alerting-alerts", "policy", UNKNOWN),
    ),
    Mutant(
        "preview-inputs-known",
        "inline policies made of outputs",
        set_input("workflow-role", "inlinePolicies", UNKNOWN),
    ),
    Mutant(
        "preview-inputs-known",
        "an event pattern made of outputs",
        set_input("reconciliation-ended", "eventPattern", UNKNOWN),
    ),
    *(
        Mutant(
            "preview-inputs-known", f"{name}.{path} made of outputs", set_input(name, path, UNKNOWN)
        )
        for name, path in (
            ("slack-queue", "messageRetentionSeconds"),
            ("users-client", "explicitAuthFlows"),
            ("users-client", "callbackUrls"),
            ("api-api", "corsConfiguration"),
            ("keys-key", "policy"),
            ("functions-task-generation", "environment"),
            ("functions-task-generation", "name"),
            ("executions-table", "ttl"),
            ("archive-lifecycle", "rules"),
        )
    ),
    *(
        Mutant(
            "preview-inputs-known",
            f"{name}.{path}, which AWS chooses",
            set_input(name, path, UNKNOWN),
            near_miss=True,
        )
        for name, path in (
            ("backups-plan", "rules.0.targetVaultName"),
            ("functions-workflow-start", "environment.variables.STATE_MACHINE_ARN"),
            ("alarms-outage", "alarmDescription"),
            ("functions-task-generation-policy", "role"),
        )
    ),
    Mutant(
        "preview-inputs-known",
        "a definition that is not JSON",
        set_input("workflow-machine", "definition", "{"),
    ),
    Mutant(
        "preview-inputs-known",
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

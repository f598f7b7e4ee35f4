"""The task-generation workflow of goal-mandala, one stack an environment."""

import os

import pulumi
import pulumi_aws as aws

from components.adoption import adopt
from components.api.user_pool import UserPool, UserPoolArgs
from components.api.workflow_api import WorkflowApi, WorkflowApiArgs
from components.compute.archiving import Archiving, ArchivingArgs
from components.compute.reconciliation import Reconciliation, ReconciliationArgs
from components.compute.workflow_functions import WorkflowFunctions, WorkflowFunctionsArgs
from components.compute.workflow_state_machine import WorkflowStateMachine, WorkflowStateMachineArgs
from components.data.backups import Backups, BackupsArgs
from components.data.encryption_keys import EncryptionKeys, EncryptionKeysArgs
from components.data.execution_archive import ExecutionArchive, ExecutionArchiveArgs
from components.data.execution_table import ExecutionTable, ExecutionTableArgs
from components.data.stored_secrets import StoredSecrets, StoredSecretsArgs
from components.exports import exports
from components.iam.operator_role import OperatorRole, OperatorRoleArgs
from components.monitoring.alerting_stack import AlertingStack, AlertingStackArgs
from components.monitoring.monitoring import Monitoring
from components.monitoring.observability import Observability, ObservabilityArgs
from components.monitoring.slack_notifications import SlackNotifications, SlackNotificationsArgs
from components.monitoring.workflow_alarms import WorkflowAlarms, WorkflowAlarmsArgs
from components.settings import (
    QUOTA_CODE,
    SERVICE_CODE,
    check_credentials,
    read_settings,
    with_account_concurrency,
)
from handlers.contract.functions import SLACK_NOTIFIER, WORKFLOW_ARCHIVE, WORKFLOW_RECONCILE

settings = read_settings(os.environ)
names = settings.names
check_credentials(names, aws.get_caller_identity().account_id)
settings = with_account_concurrency(
    settings,
    lambda: (
        aws.servicequotas.get_service_quota(service_code=SERVICE_CODE, quota_code=QUOTA_CODE).value
    ),
)
adopt(settings.adopt)
protect = settings.protect
monitoring = Monitoring(names, settings)

keys = EncryptionKeys("keys", EncryptionKeysArgs(names, protect))
key_arn = keys.key.arn
table = ExecutionTable(
    "executions",
    ExecutionTableArgs(names.table, key_arn, settings.table, after=[keys.alias], protect=protect),
)
backups = (
    Backups(
        "backups",
        BackupsArgs(
            names,
            settings.backups,
            key_arn,
            settings.permissions_boundary,
            after=[keys.alias, table.table],
            protect=protect,
        ),
    )
    if settings.backups.enabled
    else None
)
archive = ExecutionArchive(
    "archive",
    ExecutionArchiveArgs(
        names, key_arn, settings.archive.keep_days, after=[keys.alias], protect=protect
    ),
)
secrets = StoredSecrets(
    "secrets",
    StoredSecretsArgs(names, settings.secrets, key_arn, after=[keys.alias], protect=protect),
)
alerting = AlertingStack("alerting", AlertingStackArgs(names, key_arn, settings.alert_emails))
functions = WorkflowFunctions(
    "functions",
    WorkflowFunctionsArgs(
        names,
        settings,
        key_arn,
        secrets,
        alarms=monitoring.children,
        after=[keys.alias, table.table, *archive.settled, alerting.notifications_policy],
    ),
)
state_machine = WorkflowStateMachine(
    "workflow",
    WorkflowStateMachineArgs(
        names,
        settings,
        key_arn,
        after=[
            *functions.aliases.values(),
            keys.alias,
            table.table,
            alerting.notifications_policy,
        ],
    ),
)
reconciliation = Reconciliation(
    "reconciliation",
    ReconciliationArgs(
        names, functions.aliases[WORKFLOW_RECONCILE], key_arn, after=[state_machine.alias]
    ),
)
archiving = Archiving(
    "archiving",
    ArchivingArgs(
        names,
        functions.aliases[WORKFLOW_ARCHIVE],
        key_arn,
        after=[keys.alias, table.table, *archive.settled],
    ),
)
SlackNotifications(
    "slack",
    SlackNotificationsArgs(
        names,
        settings.slack,
        alerting,
        functions.aliases[SLACK_NOTIFIER],
        key_arn,
        after=[keys.alias, table.table],
    ),
)
user_pool = UserPool("users", UserPoolArgs(names, settings.cognito, protect))
api = WorkflowApi(
    "api",
    WorkflowApiArgs(
        names, settings, user_pool, functions.aliases, key_arn, after=[state_machine.alias]
    ),
)
alarms = WorkflowAlarms(
    "alarms",
    WorkflowAlarmsArgs(
        monitoring,
        api.api.id,
        after=[
            keys.key,
            alerting.alerts_policy,
            alerting.notifications_policy,
            state_machine.alias,
            table.table,
            reconciliation.sweep,
            archiving.target,
            *([backups.selection] if backups else []),
        ],
    ),
)
Observability(
    "observability",
    ObservabilityArgs(
        monitoring,
        api.api.id,
        after=[*functions.aliases.values(), *alarms.composites.values(), state_machine.alias],
    ),
)
if settings.operators:
    OperatorRole(
        "operators",
        OperatorRoleArgs(names, settings.operators, bounded=settings.permissions_boundary),
    )

for name, value in exports(
    names,
    keys=keys,
    table=table,
    functions=functions,
    state_machine=state_machine,
    user_pool=user_pool,
    api=api,
    alerting=alerting,
).items():
    pulumi.export(name, value)

"""What a stack exports to other services. Additions keep the version, other changes raise it."""

import pulumi

from components.api.user_pool import UserPool
from components.api.workflow_api import WorkflowApi
from components.compute.workflow_functions import WorkflowFunctions
from components.compute.workflow_state_machine import WorkflowStateMachine
from components.data.encryption_keys import EncryptionKeys
from components.data.execution_table import ExecutionTable
from components.monitoring.alerting_stack import AlertingStack
from components.names import Names
from handlers.contract.functions import FUNCTIONS

EXPORTS_VERSION = "1"


def exports(
    names: Names,
    *,
    keys: EncryptionKeys,
    table: ExecutionTable,
    functions: WorkflowFunctions,
    state_machine: WorkflowStateMachine,
    user_pool: UserPool,
    api: WorkflowApi,
    alerting: AlertingStack,
) -> dict[str, pulumi.Input[str] | dict[str, pulumi.Input[str]]]:
    """Export name -> a string, or a map of strings (design: Exports)."""
    log_groups: dict[str, pulumi.Input[str]] = {
        spec.name: names.function_log_group(spec) for spec in FUNCTIONS
    }
    log_groups["state-machine"] = names.state_machine_log_group
    log_groups["api"] = names.api_log_group
    return {
        "exportsVersion": EXPORTS_VERSION,
        "environment": names.environment,
        "region": names.region,
        "stateMachineArn": state_machine.alias.arn,
        "tableName": table.table.name,
        "tableArn": table.table.arn,
        "apiUrl": api.url,
        "userPoolId": user_pool.id,
        "userPoolClientIds": user_pool.client_id_map,
        "alertsTopicArn": alerting.alerts.arn,
        "notificationsTopicArn": alerting.notifications.arn,
        "keyArn": keys.key.arn,
        "keyAlias": keys.alias.name,
        "functionArns": {spec.name: alias.arn for spec, alias in functions.aliases.items()},
        "logGroupNames": log_groups,
        "dashboardUrl": names.dashboard_url,
    }

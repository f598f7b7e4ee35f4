"""What each function may do: the statements of its role, no more than its code calls."""

from collections.abc import Sequence
from typing import Any

from components.iam import grants
from components.iam.documents import Statement
from components.names import DATABASE_URL, JWT_SECRET, SLACK_WEBHOOK, Names
from components.settings import Settings
from handlers.contract.environment import Env, Variable, variables_of
from handlers.contract.functions import (
    SLACK_NOTIFIER,
    TASK_GENERATION,
    WORKFLOW_ARCHIVE,
    WORKFLOW_CANCEL,
    WORKFLOW_FINISH,
    WORKFLOW_PREPARE,
    WORKFLOW_RECONCILE,
    WORKFLOW_SAVE_BATCH,
    WORKFLOW_START,
    WORKFLOW_STATUS,
    FunctionSpec,
)
from handlers.contract.table_keys import INDEXES, MONTH_INDEX

TABLE_ACTIONS = {
    # Query and UpdateItem: a start also undoes itself and ends a dead predecessor.
    WORKFLOW_START: ("GetItem", "PutItem", "Query", "UpdateItem"),
    WORKFLOW_STATUS: ("Query",),
    WORKFLOW_CANCEL: ("GetItem", "Query", "UpdateItem"),
    WORKFLOW_PREPARE: ("PutItem", "UpdateItem"),
    TASK_GENERATION: ("PutItem", "Query", "UpdateItem"),
    WORKFLOW_SAVE_BATCH: ("BatchGetItem", "UpdateItem"),
    WORKFLOW_FINISH: ("GetItem", "Query", "UpdateItem"),
    WORKFLOW_RECONCILE: ("GetItem", "Query", "UpdateItem"),
    WORKFLOW_ARCHIVE: ("Query", "UpdateItem"),
    SLACK_NOTIFIER: ("GetItem", "PutItem"),
}
"""What the function does with items of the table. A transaction needs its parts' actions."""

ADMISSION_ACTIONS = ("DeleteItem", "GetItem", "Query")
"""What workflow-prepare does besides where executions wait for their turn."""


SECRETS: dict[Variable[Any], str] = {
    Env.DATABASE_URL_SECRET_ARN: DATABASE_URL,
    Env.JWT_SECRET_ARN: JWT_SECRET,
    Env.SLACK_WEBHOOK_SECRET_ARN: SLACK_WEBHOOK,
}
"""The secret behind a variable that holds an ARN."""


def uses_database(spec: FunctionSpec) -> bool:
    """Whether the function talks to PostgreSQL."""
    return spec.dependencies == "database"


def secrets(spec: FunctionSpec) -> dict[Variable[Any], str]:
    """The secrets that the function reads, by the variable that holds their ARN."""
    return {each: SECRETS[each] for each in variables_of(spec) if each in SECRETS}


def function_policy(
    spec: FunctionSpec, names: Names, settings: Settings, alarms: Sequence[str]
) -> list[Statement]:
    """The role's statements; `alarms`: names of those that composite alarms consist of."""
    statements = [
        grants.write_log(names, names.function_log_group(spec)),
        grants.trace(),
        grants.use_key(names, "lambda", "Decrypt"),  # its environment
        *grants.use_table(names, *_table_actions(spec, settings)),
    ]
    for secret in secrets(spec).values():
        statements += grants.read_secret(names, secret)
    if uses_database(spec) and settings.vpc:
        vpc = settings.vpc
        statements += grants.join_network(names, vpc.subnet_ids, vpc.security_group_ids)
    if spec == WORKFLOW_STATUS:
        statements.append(grants.query_indexes(names, *INDEXES))
    if spec == WORKFLOW_CANCEL:
        statements.append(grants.stop_execution(names))
    if spec == WORKFLOW_START:
        statements += [grants.start_execution(names), grants.describe_execution(names)]
    if spec == WORKFLOW_RECONCILE:
        statements += [
            grants.describe_execution(names),
            grants.send(names, names.dead_letter_queue),
            grants.use_queues_key(names),
            *grants.publish(names, names.notifications_topic),
        ]
    if spec == WORKFLOW_ARCHIVE:
        statements += [
            grants.query_indexes(names, MONTH_INDEX),
            *grants.archive(names),
            grants.send(names, names.archive_dead_letter_queue),
            grants.use_queues_key(names),
        ]
    if spec == TASK_GENERATION:
        model, source = settings.bedrock_model, settings.bedrock_profile_source
        statements.append(grants.invoke_model(names, model, source))
    if spec == SLACK_NOTIFIER:
        statements += [
            grants.receive(names, names.slack_queue),
            grants.change_visibility(names, names.slack_queue),
            grants.send(names, names.slack_dead_letter_queue),
            grants.use_queues_key(names),
            grants.describe_alarms(names, alarms),
        ]
    return statements


def _table_actions(spec: FunctionSpec, settings: Settings) -> Sequence[str]:
    waits = spec == WORKFLOW_PREPARE and settings.admission.tokens_per_minute
    return sorted([*TABLE_ACTIONS[spec], *(ADMISSION_ACTIONS if waits else ())])

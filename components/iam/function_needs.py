"""What each function may do and what it is told: pure functions of its spec and the settings."""

from components.iam import grants
from components.iam.grants import Statement
from components.monitoring.alarms import alarms
from components.names import DATABASE_URL, JWT_SECRET, SLACK_WEBHOOK, Names
from components.settings import Settings
from handlers.contract.alarm_routes import AlarmRoute
from handlers.contract.environment import Env, variables_of
from handlers.contract.functions import (
    SLACK_NOTIFIER,
    TASK_GENERATION,
    WORKFLOW_CANCEL,
    WORKFLOW_FINISH,
    WORKFLOW_PREPARE,
    WORKFLOW_RECONCILE,
    WORKFLOW_SAVE_BATCH,
    WORKFLOW_START,
    WORKFLOW_STATUS,
    FunctionSpec,
)
from handlers.contract.table_keys import GOAL_INDEX, MONTH_INDEX, USER_INDEX

_TABLE_ACTIONS = {
    # Query and UpdateItem: a start also undoes itself and ends what a dead one left.
    WORKFLOW_START: ("GetItem", "PutItem", "Query", "UpdateItem"),
    WORKFLOW_STATUS: ("GetItem", "Query"),
    WORKFLOW_CANCEL: ("GetItem", "Query", "UpdateItem"),
    WORKFLOW_PREPARE: ("PutItem", "UpdateItem"),
    TASK_GENERATION: ("GetItem", "PutItem", "UpdateItem"),
    WORKFLOW_SAVE_BATCH: ("GetItem", "UpdateItem"),
    WORKFLOW_FINISH: ("GetItem", "Query", "UpdateItem"),
    WORKFLOW_RECONCILE: ("GetItem", "Query", "UpdateItem"),
    SLACK_NOTIFIER: ("GetItem", "PutItem"),
}
"""What the function does with items of the table. A transaction needs its parts' actions."""


_SECRETS = {
    Env.DATABASE_URL_SECRET_ARN: DATABASE_URL,
    Env.JWT_SECRET_ARN: JWT_SECRET,
    Env.SLACK_WEBHOOK_SECRET_ARN: SLACK_WEBHOOK,
}
"""The secret behind a variable that holds an ARN."""


def uses_database(spec: FunctionSpec) -> bool:
    """Whether the function talks to PostgreSQL."""
    return spec.dependencies == "database"


def secrets(spec: FunctionSpec) -> dict[Env, str]:
    """The secrets that the function reads, by the variable that holds their ARN."""
    return {name: _SECRETS[name] for name in variables_of(spec) if name in _SECRETS}


def statements(spec: FunctionSpec, names: Names, settings: Settings) -> list[Statement]:
    """The function's role: nothing that its code does not call."""
    result = [
        grants.write_log(names, names.function_log_group(spec)),
        grants.trace(),
        grants.use_key(names, "lambda", "Decrypt"),  # its environment
        *grants.use_table(names, *_TABLE_ACTIONS[spec]),
    ]
    for secret in secrets(spec).values():
        result += grants.read_secret(names, secret)
    if uses_database(spec) and settings.vpc:
        vpc = settings.vpc
        result += grants.join_network(names, vpc.subnet_ids, vpc.security_group_ids)
    if spec == WORKFLOW_STATUS:
        result.append(grants.query_indexes(names, GOAL_INDEX, USER_INDEX, MONTH_INDEX))
    if spec == WORKFLOW_CANCEL:
        result.append(grants.stop_execution(names))
    if spec == WORKFLOW_START:
        result += [grants.start_execution(names), grants.describe_execution(names)]
    if spec == WORKFLOW_RECONCILE:
        result += [
            grants.describe_execution(names),
            grants.send(names, names.dead_letter_queue),
            grants.use_queues_key(names),
            *grants.publish(names, names.notifications_topic),
        ]
    if spec == TASK_GENERATION:
        result.append(grants.invoke_model(names, settings.bedrock_model))
    if spec == SLACK_NOTIFIER:
        children = [a.name for a in alarms(names, settings) if a.alarm_route is not AlarmRoute.SELF]
        result += [
            grants.receive(names, names.slack_queue),
            grants.give_back(names, names.slack_queue),
            grants.send(names, names.slack_dead_letter_queue),
            grants.use_queues_key(names),
            grants.describe_alarms(names, children),
        ]
    return result


def environment(spec: FunctionSpec, names: Names, settings: Settings) -> dict[str, str]:
    """The function's variables that are known before anything exists; none is a secret."""
    values = _values(names, settings)
    return {name.value: str(values[name]) for name in variables_of(spec) if name not in _SECRETS}


def _values(names: Names, settings: Settings) -> dict[Env, object]:
    return {
        Env.ENVIRONMENT: settings.environment,
        Env.TABLE_NAME: names.table,
        Env.TTL_DAYS: settings.table.ttl_days,
        Env.STATE_MACHINE_ARN: names.state_machine_alias_arn,
        Env.TRACED_PERCENT: settings.tracing.executions_percent,
        Env.WORKFLOW_TIMEOUT_SECONDS: settings.workflow_timeout,
        Env.NOTIFICATIONS_TOPIC_ARN: names.topic_arn(names.notifications_topic),
        Env.BATCH_SIZE: settings.batch_size,
        Env.BEDROCK_MODEL: settings.bedrock_model,
        Env.MODEL_CALL_TIMEOUT_SECONDS: settings.generation.call_timeout_seconds,
        Env.SLACK_QUEUE_URL: names.queue_url(names.slack_queue),
        Env.SLACK_DEAD_LETTERS_URL: names.queue_url(names.slack_dead_letter_queue),
        Env.SLACK_LANGUAGE: settings.slack.language,
        Env.SLACK_ESCALATE_PERCENT: settings.slack.escalate_percent,
        Env.SLACK_MENTION: settings.slack.mention_markup,
        Env.RUNBOOK_URL: settings.alarms.runbook,
        Env.DASHBOARD_URL: names.dashboard_url,
        Env.LOG_GROUPS: ",".join(names.log_groups),
    }

"""The environment variables of each function; none is a secret."""

from components.names import Names
from components.settings import Settings
from handlers.contract.environment import Env
from handlers.contract.functions import (
    SLACK_NOTIFIER,
    TASK_GENERATION,
    WORKFLOW_CANCEL,
    WORKFLOW_PREPARE,
    WORKFLOW_RECONCILE,
    WORKFLOW_START,
    FunctionSpec,
)


def function_environment(spec: FunctionSpec, names: Names, settings: Settings) -> dict[str, str]:
    """The variables that are known before anything exists: all but the ARNs of secrets."""
    variables: dict[Env, object] = {
        Env.ENVIRONMENT: settings.environment,
        Env.TABLE_NAME: names.table,
        Env.TTL_DAYS: settings.table.ttl_days,
    }
    if spec in (WORKFLOW_START, WORKFLOW_CANCEL, WORKFLOW_RECONCILE):
        variables[Env.STATE_MACHINE_ARN] = names.state_machine_alias_arn
    if spec == WORKFLOW_START:
        variables[Env.TRACED_PERCENT] = settings.tracing.executions_percent
    if spec in (WORKFLOW_PREPARE, WORKFLOW_RECONCILE):
        variables[Env.WORKFLOW_TIMEOUT_SECONDS] = settings.workflow_timeout
    if spec == WORKFLOW_RECONCILE:
        variables[Env.NOTIFICATIONS_TOPIC_ARN] = names.topic_arn(names.notifications_topic)
    if spec == WORKFLOW_PREPARE:
        variables[Env.BATCH_SIZE] = settings.batch_size
    if spec == TASK_GENERATION:
        variables[Env.BEDROCK_MODEL] = settings.bedrock_model
        variables[Env.MODEL_CALL_TIMEOUT_SECONDS] = settings.generation.call_timeout_seconds
    if spec == SLACK_NOTIFIER:
        variables |= _slack_variables(names, settings)
    return {variable.value: str(value) for variable, value in variables.items()}


def _slack_variables(names: Names, settings: Settings) -> dict[Env, object]:
    return {
        Env.SLACK_QUEUE_URL: names.queue_url(names.slack_queue),
        Env.SLACK_DEAD_LETTERS_URL: names.queue_url(names.slack_dead_letter_queue),
        Env.SLACK_LANGUAGE: settings.slack.language,
        Env.SLACK_ESCALATE_PERCENT: settings.slack.escalate_percent,
        Env.SLACK_MENTION: settings.slack.mention_markup,
        Env.RUNBOOK_URL: settings.alarms.runbook,
        Env.DASHBOARD_URL: names.dashboard_url,
        Env.LOG_GROUPS: ",".join(names.log_groups),
    }

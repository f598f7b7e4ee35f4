"""The environment variables of each function, as the contract declares them; none is a secret."""

from typing import Any

from components.iam.function_policies import SECRETS
from components.names import Names
from components.settings import Settings
from handlers.contract.environment import Env, Variable, variables_of
from handlers.contract.functions import FunctionSpec


def function_environment(spec: FunctionSpec, names: Names, settings: Settings) -> dict[str, str]:
    """The variables that are known before anything exists: all but the ARNs of secrets."""
    values = _values(names, settings)
    plain = [each for each in variables_of(spec) if each not in SECRETS]
    return {variable.name: str(values[variable]) for variable in plain}


def _values(names: Names, settings: Settings) -> dict[Variable[Any], object]:
    return {
        Env.ENVIRONMENT: settings.environment,
        Env.TABLE_NAME: names.table,
        Env.TTL_DAYS: settings.table.ttl_days,
        Env.STATE_MACHINE_ARN: names.state_machine_alias_arn,
        Env.TRACED_PERCENT: settings.tracing.executions_percent,
        Env.WORKFLOW_TIMEOUT_SECONDS: settings.workflow_timeout,
        Env.NOTIFICATIONS_TOPIC_ARN: names.topic_arn(names.notifications_topic),
        Env.BATCH_SIZE: settings.batch_size,
        Env.MODEL_BUDGET_PER_MINUTE: settings.admission.tokens_per_minute,
        Env.BEDROCK_MODEL: settings.bedrock_model,
        Env.MODEL_CALL_TIMEOUT_SECONDS: settings.generation.call_timeout_seconds,
        Env.HEDGE_AFTER_SECONDS: f"{settings.generation.hedge_after_seconds:g}",
        Env.ARCHIVE_BUCKET: names.archive_bucket,
        Env.ARCHIVE_AFTER_DAYS: settings.archive.after_days,
        Env.SLACK_QUEUE_URL: names.queue_url(names.slack_queue),
        Env.SLACK_DEAD_LETTERS_URL: names.queue_url(names.slack_dead_letter_queue),
        Env.SLACK_LANGUAGE: settings.slack.language,
        Env.SLACK_ESCALATE_PERCENT: settings.slack.escalate_percent,
        Env.SLACK_MENTION: settings.slack.mention_markup,
        Env.RUNBOOK_URL: settings.alarms.runbook,
        Env.DASHBOARD_URL: names.dashboard_url,
        Env.LOG_GROUPS: ",".join(names.log_groups),
    }

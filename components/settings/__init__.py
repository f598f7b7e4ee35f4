"""The settings of a stack, read and checked once; nothing else reads the configuration.

A new setting takes at most five edits (a setting of the infrastructure alone: 1, 3 and 5):

1. its field, limits and default, in `sections.py` or `settings.py` (the only place of a default);
2. if a function reads it: its variable, in `handlers/contract/environment.py`;
3. its use: in a component, or in `components/compute/function_environment.py`, which gives the
   variable to a function;
4. the handler that reads the variable;
5. its value, in the `Pulumi.{stack}.yaml` of each stack that differs from the default.

To override it from the environment as well, list it in `environment.py`.
"""

from components.settings.account_concurrency import (
    QUOTA_CODE,
    SERVICE_CODE,
    with_account_concurrency,
)
from components.settings.account_guard import check_credentials, check_environment
from components.settings.configuration import configured, key, parse, read_settings, validated
from components.settings.environment import ENVIRONMENT_VARIABLES
from components.settings.sections import (
    STATE_MARGIN_SECONDS,
    AdoptSettings,
    AlarmSettings,
    ApiThrottleSettings,
    ArchiveSettings,
    BackupSettings,
    CognitoSettings,
    CustomDomainSettings,
    GenerationSettings,
    RetrySettings,
    Section,
    SlackSettings,
    TableSettings,
)
from components.settings.settings import (
    DEFAULT_ACCOUNT_CONCURRENCY,
    DEFAULT_BEDROCK_MODEL,
    ENVIRONMENTS,
    STATE_MACHINE_PIN,
    AccountId,
    BedrockModel,
    Region,
    Settings,
    SettingsError,
)

__all__ = [
    "DEFAULT_ACCOUNT_CONCURRENCY",
    "DEFAULT_BEDROCK_MODEL",
    "ENVIRONMENTS",
    "ENVIRONMENT_VARIABLES",
    "QUOTA_CODE",
    "SERVICE_CODE",
    "STATE_MACHINE_PIN",
    "STATE_MARGIN_SECONDS",
    "AccountId",
    "AdoptSettings",
    "AlarmSettings",
    "ApiThrottleSettings",
    "ArchiveSettings",
    "BackupSettings",
    "BedrockModel",
    "CognitoSettings",
    "CustomDomainSettings",
    "GenerationSettings",
    "Region",
    "RetrySettings",
    "Section",
    "Settings",
    "SettingsError",
    "SlackSettings",
    "TableSettings",
    "check_credentials",
    "check_environment",
    "configured",
    "key",
    "parse",
    "read_settings",
    "validated",
    "with_account_concurrency",
]

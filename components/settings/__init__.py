"""The settings of a stack, read and checked once."""

from components.settings.settings import (
    ENVIRONMENT_VARIABLES,
    ENVIRONMENTS,
    MAX_CONCURRENCY,
    PROJECT,
    Settings,
    SettingsError,
    check_credentials,
    parse,
    read_settings,
)

__all__ = [
    "ENVIRONMENTS",
    "ENVIRONMENT_VARIABLES",
    "MAX_CONCURRENCY",
    "PROJECT",
    "Settings",
    "SettingsError",
    "check_credentials",
    "parse",
    "read_settings",
]

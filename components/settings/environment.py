"""Environment variables that override the configuration: those of the operations guide.

pydantic-settings would read them too, but its errors name neither the variable nor the key that it
overrides, and it would add a dependency for the one expression below.
"""

from collections.abc import Mapping

_OVERRIDABLE = (
    "workflow_timeout",
    "max_batch_concurrency",
    "max_action_concurrency",
    "batch_size",
    "database_url",
    "jwt_secret",
    "slack_webhook",
)

ENVIRONMENT_VARIABLES = {field: field.upper() for field in _OVERRIDABLE}
"""Field -> variable."""


def overrides(environ: Mapping[str, str]) -> dict[str, str]:
    """Field -> text of the variables that are set."""
    return {
        field: environ[variable]
        for field, variable in ENVIRONMENT_VARIABLES.items()
        if environ.get(variable)
    }

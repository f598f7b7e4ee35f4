"""No secret in plain text: neither in a property, nor in an export, nor in a stack file."""

from policies.rules.secrets.configured import no_configured_secret
from policies.rules.secrets.plain import no_logged_event, no_plain_configuration, no_plain_secret
from policies.rules.secrets.stored import secret_value

__all__ = [
    "no_configured_secret",
    "no_logged_event",
    "no_plain_configuration",
    "no_plain_secret",
    "secret_value",
]

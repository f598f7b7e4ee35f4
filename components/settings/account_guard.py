"""Account and region: the environment and the credentials must agree with the configuration."""

from collections.abc import Mapping

from components.names import Names
from components.settings.settings import SettingsError


def check_environment(names: Names, environ: Mapping[str, str]) -> None:
    """Raises SettingsError if AWS_ACCOUNT_ID or AWS_REGION name another place than the stack's."""
    configured = {
        "AWS_ACCOUNT_ID": ("goal-mandala:accountId", names.account),
        "AWS_REGION": ("aws:region", names.region),
    }
    for variable, (key, value) in configured.items():
        if environ.get(variable, value) != value:
            raise SettingsError(
                f"{variable} = {environ[variable]}, but {key} of stack {names.environment} is"
                f" {value}: they must agree"
            )


def check_credentials(names: Names, account: str) -> None:
    """Raises SettingsError if the credentials belong to another account than the stack's."""
    if account != names.account:
        raise SettingsError(
            f"the credentials belong to account {account}, but goal-mandala:accountId of stack"
            f" {names.environment} is {names.account}: use that account's credentials"
        )

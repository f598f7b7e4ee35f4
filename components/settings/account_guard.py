"""Account, region and stack: environment, credentials and stack file must agree."""

import json
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


def check_stack(environment: str, default_tags: str | None) -> None:
    """Raises SettingsError if the stack has another name than its stack file was written for.

    default_tags: the setting aws:defaultTags. `pulumi stack rename` moves the file with the stack,
    and every physical name holds the stack's: the next `up` would replace whatever holds data.
    """
    given: dict[str, dict[str, str]] = json.loads(default_tags or "{}")
    tag = given.get("tags", {}).get("Environment")
    if tag != environment:
        raise SettingsError(
            f"aws:defaultTags.tags.Environment = {tag!r}, but the stack's name is"
            f" {environment}: a renamed stack would replace every resource, and its data would stay"
            f" behind. Rename it back (pulumi stack rename), or make a new stack with a stack file"
            f" that has the tag Environment: {environment}"
        )


def check_credentials(names: Names, account: str) -> None:
    """Raises SettingsError if the credentials belong to another account than the stack's."""
    if account != names.account:
        raise SettingsError(
            f"the credentials belong to account {account}, but goal-mandala:accountId of stack"
            f" {names.environment} is {names.account}: use that account's credentials"
        )

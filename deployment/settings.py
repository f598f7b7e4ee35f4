"""The settings of a deployment stack; account and region are under the workflow's own keys."""

import re
from dataclasses import dataclass

import pulumi

from components.names import Names

PROJECT = "goal-mandala-deployment"
ENVIRONMENTS = ("dev", "staging", "prod")

_REPOSITORY = r"[\w.-]+(@\d+)?/[\w.-]+(@\d+)?"
_MODEL = "apac.amazon.nova-micro-v1:0"


class DeploymentSettingsError(pulumi.RunError):
    """A setting is not usable; Pulumi shows the message without a stack trace."""


@dataclass(frozen=True)
class DeploymentSettings:
    """Who deploys what.

    repository: `owner/name`, or `owner@id/name@id` where GitHub's subjects are immutable.
    owns_provider: make the account's provider of GitHub's tokens; no where another stack has.
    """

    names: Names
    repository: str
    owns_provider: bool
    bedrock_model: str


def read_settings() -> DeploymentSettings:
    """Raises DeploymentSettingsError with the key, the value and what is allowed."""
    environment = pulumi.get_stack()
    if environment not in ENVIRONMENTS:
        raise DeploymentSettingsError(f"stack {environment}: one of {', '.join(ENVIRONMENTS)}")
    workflow, own = pulumi.Config("goal-mandala"), pulumi.Config(PROJECT)
    names = Names(
        environment,
        _checked(workflow, "accountId", r"\d{12}", "12 digits"),
        _checked(pulumi.Config("aws"), "region", r"[a-z]{2}(-[a-z]+)+-\d", "a region of AWS"),
    )
    return DeploymentSettings(
        names,
        _checked(own, "repository", _REPOSITORY, "owner/name, or owner@id/name@id"),
        own.get_bool("ownsProvider") is not False,
        workflow.get("bedrockModel") or _MODEL,
    )


def check_account(settings: DeploymentSettings, account: str) -> None:
    """Refuse to go on with the credentials of another account."""
    if account != settings.names.account:
        raise DeploymentSettingsError(
            f"the credentials belong to account {account}, but goal-mandala:accountId of stack"
            f" {settings.names.environment} is {settings.names.account}: use that account's"
        )


def _checked(config: pulumi.Config, key: str, pattern: str, allowed: str) -> str:
    value = config.get(key)
    if value is None:
        raise DeploymentSettingsError(
            f"{config.name}:{key} is missing: pulumi config set {config.name}:{key} ({allowed})"
        )
    if not re.fullmatch(pattern, value):
        raise DeploymentSettingsError(f"{config.name}:{key} = {value}: {allowed} is needed")
    return value

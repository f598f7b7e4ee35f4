"""The settings of a deployment stack; what it shares with the workflow's stack has the same key."""

from typing import Annotated, Literal

from pydantic import StringConstraints

from components.names import Names
from components.settings import (
    DEFAULT_BEDROCK_MODEL,
    AccountId,
    BedrockModel,
    CustomDomainSettings,
    Region,
    Section,
    configured,
    key,
    validated,
)

ENVIRONMENTS = ("dev", "staging", "prod")

_PROJECT = "goal-mandala-deployment"
_OWN_FIELDS = ("repository", "owns_provider")


class DeploymentSettings(Section):
    """The repository that deploys, and the stack that it deploys to.

    repository: `owner/name`, or `owner@id/name@id` where GitHub's subjects are immutable.
    owns_provider: create the account's provider of GitHub's tokens; false where another stack did.
    custom_domain: as the workflow's stack has it, so that CI may make that domain and no other.
    """

    environment: Literal["dev", "staging", "prod"]
    account_id: AccountId
    region: Region
    repository: Annotated[str, StringConstraints(pattern=r"^[\w.-]+(@\d+)?/[\w.-]+(@\d+)?$")]
    owns_provider: bool = True
    bedrock_model: BedrockModel = DEFAULT_BEDROCK_MODEL
    custom_domain: CustomDomainSettings | None = None

    @property
    def names(self) -> Names:
        """The names and ARNs of the workflow's stack."""
        return Names(self.environment, self.account_id, self.region)

    @property
    def domain(self) -> str | None:
        """The API's domain, if it has one of its own."""
        return self.custom_domain.name if self.custom_domain else None


_KEYS = {
    field: key(field, _PROJECT) if field in _OWN_FIELDS else key(field)
    for field in DeploymentSettings.model_fields
}


def read_settings() -> DeploymentSettings:
    """The settings of the current stack; raises SettingsError with all that is wrong."""
    return validated(DeploymentSettings, configured(_KEYS), _KEYS)

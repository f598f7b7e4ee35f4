"""A stack's settings as its file has them, for commands that name or propose a setting."""

from components.settings import Settings, key, parse
from declared.program import stack_config
from declared.throwaway_secrets import throwaway_secrets


def settings_of(stack: str) -> Settings:
    """The settings of `Pulumi.{stack}.yaml`; the secrets in it are not the stack's."""
    config = {**stack_config(stack), **throwaway_secrets()}
    texts = {field: config[key(field)] for field in Settings.model_fields if key(field) in config}
    return parse({**texts, "environment": stack}, {})

"""What the stack's secrets hold: each the value that its name stands for."""

import os
import re
from collections.abc import Iterator, Mapping

import pulumi.runtime

from policies.conventions import WORKFLOW
from policies.policy import stack_policy
from policies.stack import resource_types
from policies.stack.resource_graph import Resource, ResourceGraph

_FORMS: Mapping[str, tuple[str, str]] = {
    "database-url": (r"postgres(ql)?://\S+|.*\bhost=.*", "the URL of a PostgreSQL database"),
    "jwt-secret": (r"(?!\w+://)\S+", "a key, no URL"),
    "slack-webhook": (r"https?://\S+", "the URL of a webhook"),
}
"""End of a secret's name -> the pattern of its values, in words."""


@stack_policy(
    "access-secret-value",
    risk="A function gets another secret than it needs, or none: it cannot connect, or sends one"
    " secret to the host of another.",
    fix="Give the version of the secret PROJECT-STACK-database-url the setting databaseUrl, and so"
    " on: one version for each secret.",
    source="components/data/stored_secrets.py; design: Settings",
)
def secret_value(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Secrets of the workflow hold their own settings.

    The message repeats no value.
    """
    held = set[str]()
    for version in graph.of(resource_types.SECRET_VERSION):
        secret = graph.source(version, "secretId", resource_types.SECRET)
        end = _end_of(secret)
        if secret is None or end is None:
            continue
        if secret.urn in held:
            yield version, f"a second version of {secret.name}: which one is read is left to chance"
        held.add(secret.urn)
        value = version.read("secretString")
        form, words = _FORMS[end]
        if value is None or value == "":
            yield version, f"secretString is absent: {end} has to be {words}"
        elif isinstance(value, str):
            settings = _settings(version, end)
            if not re.fullmatch(form, value):
                yield version, f"secretString is not {words}, which {end} stands for"
            elif settings and value not in settings:
                yield version, f"secretString is not the setting {_key(end)}"
    for secret in graph.of(resource_types.SECRET):
        if _end_of(secret) and secret.urn not in held:
            yield secret, "it has no version: whoever reads it is refused"


def _end_of(secret: Resource | None) -> str | None:
    if secret is None or secret.project != WORKFLOW:
        return None
    return next((end for end in _FORMS if str(secret.read("name")).endswith(f"-{end}")), None)


def _key(end: str) -> str:
    """The key of the configuration: database-url -> databaseUrl."""
    return re.sub(r"-(\w)", lambda match: match[1].upper(), end)


def _settings(version: Resource, end: str) -> set[str]:
    """The values that the configuration, or the variable that overrides it, gives the secret."""
    config: Mapping[str, str] = pulumi.runtime.get_config_env()
    variable = os.environ.get(end.upper().replace("-", "_"))
    return {each for each in (config.get(f"{version.project}:{_key(end)}"), variable) if each}

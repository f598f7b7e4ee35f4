"""No secret in plain text: neither in a property, nor in an export, nor in a stack file."""

import re
from collections.abc import Iterator
from typing import Any

import pulumi.runtime

from policies.policy import resource_policy, stack_policy
from policies.stack import resource_types
from policies.stack.resource_graph import Resource, ResourceGraph, strings

_SECRET_TEXT = re.compile(
    r"""
    \b[a-z][a-z0-9+]{1,20}://[^/\s:@"]+:[^/\s@"]+@      # a password in a URL
    | hooks\.slack\.com/services/                # a webhook: the URL is its own password
    | \b(AKIA|ASIA)[A-Z0-9]{16}\b                # an AWS access key id
    | -----BEGIN\ [A-Z ]*PRIVATE\ KEY-----
    | \beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.           # a JSON web token
    | \b(gh[pousr]_|xox[abps]-|sk_live_)\w{10,}  # tokens of GitHub, Slack, Stripe
    """,
    re.VERBOSE,
)
_SECRET_NAME = re.compile(
    r"(password|passwd|secret|token|api_?key|private_?key|webhook|credential)", re.IGNORECASE
)
_NAME_OF_AN_ATTRIBUTE = re.compile(r"(arn|name|id|seconds|days|expiry|ttl|minutes)s?$", re.I)
"""A name with this end is not a secret's own, but an attribute's: DATABASE_URL_SECRET_ARN."""

_SECRET_PROPERTIES = {
    (resource_types.SECRET_VERSION, "secretString"),
    (resource_types.SECRET_VERSION, "secretBinary"),
}
"""(type, property) that is meant to hold a secret; Pulumi encrypts it in the state."""


@resource_policy(
    "access-no-plain-secret",
    on=(),
    risk="Everybody who may see the function, the state or the console can read a secret.",
    fix="Put it into Secrets Manager, and give the function the secret's ARN.",
    source="design: Functions; CWE-312; PCI DSS v4.0.1 8.6.2",
)
def no_plain_secret(resource: Resource) -> Iterator[str]:
    """No property or export looks like a secret. (The message does not repeat the value.)"""
    for path, text in strings(resource.props):
        is_meant = (resource.type, path) in _SECRET_PROPERTIES
        if not is_meant and _looks_like_secret(path.rpartition(".")[2], text):
            yield f"{path} looks like a secret"
    variables: Any = resource.read("environment", "variables")
    for name, _ in strings(variables) if resource.type == resource_types.FUNCTION else ():
        if _is_secret_name(name):
            yield f"environment variable {name} has a secret's name"


@stack_policy(
    "access-no-plain-configuration",
    risk="A secret stands in a stack file, and so in Git.",
    fix="pulumi config set --secret KEY.",
    source="design: Settings; Pulumi docs: secrets handling; CWE-540",
)
def no_plain_configuration(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Configuration that looks like a secret is stored as one."""
    (stack,) = graph.of(resource_types.STACK)
    secret_keys: Any = pulumi.runtime.get_config_secret_keys_env()
    for key, value in pulumi.runtime.get_config_env().items():
        if key not in secret_keys and _looks_like_secret(key.rpartition(":")[2], value):
            yield stack, f"configuration {key} looks like a secret and is stored in plain text"


def _looks_like_secret(name: str, text: str) -> bool:
    """Whether the text alone is a secret's, or the name is and the text may be one."""
    if _SECRET_TEXT.search(text):
        return True
    is_opaque = re.fullmatch(r"[\w+/=.~-]{16,}", text) and re.search(r"\d", text)
    return bool(is_opaque) and _is_secret_name(name)


def _is_secret_name(name: str) -> bool:
    return bool(_SECRET_NAME.search(name)) and not _NAME_OF_AN_ATTRIBUTE.search(name)

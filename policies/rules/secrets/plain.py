"""What has the form or the name of a secret is not in plain text."""

import re
from collections.abc import Iterator
from typing import Any

import pulumi.runtime

from policies.policy import resource_policy, stack_policy
from policies.secret_texts.shapes import SECRET_PROPERTIES, looks_like_secret
from policies.stack import resource_types
from policies.stack.references import decoded
from policies.stack.resource_graph import Resource, ResourceGraph, strings

_SECRET_NAME = re.compile(
    r"(password|passwd|passphrase|(^|_)pwd$|secret|token|webhook|credential"
    r"|(access|api|encryption|hmac|private|signing)_?key)",
    re.IGNORECASE,
)
_NAME_OF_AN_ATTRIBUTE = re.compile(r"(arn|name|id|seconds|days|expiry|ttl|minutes)s?$", re.I)
"""A name with this end is not a secret's own, but an attribute's: DATABASE_URL_SECRET_ARN."""

_QUANTITY_NAME = re.compile(r"tokens?_?(limit|count|budget)|tokens$|_port$|_timeout$|_size$", re.I)
_QUANTITY = re.compile(r"\d{1,7}")
"""With such a name and value, a variable counts tokens, or is a port: MAX_OUTPUT_TOKENS=2000."""

_EVENT_SWITCH = re.compile(r"LOG_EVENT|TRACER_CAPTURE_RESPONSE|POWERTOOLS_DEBUG", re.IGNORECASE)
_ON = frozenset({"1", "y", "yes", "t", "true", "on"})
"""What Powertools takes for true."""

_PARAMETER = "aws:ssm/parameter:Parameter"


@resource_policy(
    "access-no-plain-secret",
    on=(),
    risk="Everybody who may see the function, the state or the console can read a secret.",
    fix="Put it into Secrets Manager, and give the function the secret's ARN.",
    source="design: Functions; CWE-312; PCI DSS v4.0.1 8.6.2",
)
def no_plain_secret(resource: Resource) -> Iterator[str]:
    """No property or export looks like a secret.

    The message does not repeat the value.
    """
    for path, text in strings(resource.props):
        is_meant = (resource.type, path) in SECRET_PROPERTIES
        if looks_like_secret(path):
            yield f"a key in {path.partition('.')[0]} looks like a secret"
        elif not is_meant and _looks_like_secret(path.rpartition(".")[2], text):
            yield f"{path} looks like a secret"
    variables: Any = resource.read("environment", "variables")
    for name, text in strings(variables) if resource.type == resource_types.FUNCTION else ():
        is_quantity = _QUANTITY_NAME.search(name) and _QUANTITY.fullmatch(text)
        if _is_secret_name(name) and not is_quantity:
            yield f"environment variable {name} has a secret's name"
    is_plain_parameter = resource.type == _PARAMETER and resource.read("type") != "SecureString"
    if is_plain_parameter and _is_secret_name(str(resource.read("name") or resource.name)):
        yield "a parameter with a secret's name is stored in plain text"


@resource_policy(
    "access-no-logged-event",
    on=(resource_types.FUNCTION,),
    risk="Everybody who may read the logs sees the callers' tokens and the users' texts.",
    fix="Remove the variable, or set it to false.",
    source="guide: CloudWatch Logs; Powertools for AWS Lambda: Logger; CWE-532",
)
def no_logged_event(resource: Resource) -> Iterator[str]:
    """No variable makes Powertools log whole events or responses."""
    variables: Any = resource.read("environment", "variables")
    for name, text in strings(variables):
        if _EVENT_SWITCH.search(name) and text.strip().lower() in _ON:
            yield f"environment variable {name} writes whole events or responses to the logs"


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
    """Whether the text alone is a secret's, encoded or not, or the name is and the text may be."""
    if any(looks_like_secret(form) for form in (text, *decoded(text))):
        return True
    is_opaque = re.fullmatch(r"[\w+/=.~-]{16,}", text) and re.search(r"\d", text)
    return bool(is_opaque) and _is_secret_name(name)


def _is_secret_name(name: str) -> bool:
    return bool(_SECRET_NAME.search(name)) and not _NAME_OF_AN_ATTRIBUTE.search(name)

"""The values that the stack's configuration marks secret appear in secret resources only."""

from collections.abc import Iterator

from policies.policy import resource_policy
from policies.secret_texts.forms import keys_in, secret_forms
from policies.secret_texts.shapes import SECRET_PROPERTIES
from policies.stack.resource_graph import Resource, strings


@resource_policy(
    "access-no-configured-secret",
    on=(),
    risk="Everybody who may see the resource, its state or the console can read a secret setting.",
    fix="Give the resource the ARN of the secret in Secrets Manager that holds the setting.",
    source="design: Settings; CWE-312; PCI DSS v4.0.1 8.6.2",
)
def no_configured_secret(resource: Resource) -> Iterator[str]:
    """No secret setting, nor a part or an encoding of one."""
    forms = secret_forms()
    for key in keys_in(resource.name, forms):
        yield f"the resource's name holds the secret setting {key}"
    for path, text in strings(resource.props):
        if (resource.type, path) in SECRET_PROPERTIES:
            continue
        in_path = keys_in(path, forms)
        where = f"a key in {path.partition('.')[0]}" if in_path else path
        for key in in_path | keys_in(text, forms):
            yield f"{where} holds the secret setting {key}, or a part of it"

"""What has to be known at preview so that the other policies can read it."""

import json
from collections.abc import Iterator

from policies.policy import resource_policy, stack_policy
from policies.stack import resource_types
from policies.stack.resource_graph import UNKNOWN, Resource, ResourceGraph
from policies.stack.unknown_inputs import unknown_inputs

_DOCUMENTS = ("assumeRolePolicy", "definition", "eventPattern", "policy", "policyDocument")

UNKNOWN_BY_DESIGN = {(resource_types.PERMISSION, "sourceArn"): resource_types.API}
"""(type, property) that may be unknown at preview -> the type whose id, chosen by AWS, is in it.

No identity policy holds an API's id, but a permission's source ARN cannot be written without it
(design: Known before it exists).
"""


@resource_policy(
    "preview-inputs-known",
    on=(),
    risk="What is made of outputs is unknown at preview, and no policy can judge it: a wildcard, an"
    " open door or a threshold that never fires would pass.",
    fix="Compute the value from settings, names and ARNs that follow from names, as a plain string"
    " or number. Unknown may be what AWS chooses: an id, an ARN, a URL, by itself.",
    source="design: Known before it exists; pulumi-policy: UnknownValueError",
    can_be_exempt=False,
)
def inputs_known(resource: Resource) -> Iterator[str]:
    """Inputs are known at preview but for what AWS chooses, and documents are JSON."""
    for path in unknown_inputs(resource):
        yield f"{path} is not known at preview, so that no policy can judge it"
    documents = [(name, resource.read(name)) for name in _DOCUMENTS]
    documents += [
        (f"inlinePolicies.{index}.policy", each.get("policy"))
        for index, each in enumerate(resource.items("inlinePolicies"))
        if each is not UNKNOWN
    ]
    for name, value in documents if resource.type.startswith("aws:") else ():
        if isinstance(value, str):
            try:
                json.loads(value)
            except ValueError:
                yield f"{name} is not JSON"


@stack_policy(
    "preview-source-known",
    risk="A permission is given to a source that cannot be checked at preview.",
    fix="Compute the source's ARN from its name (and depend on it); an API's id is the exception.",
    source="design: Known before it exists",
)
def source_known(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Source ARNs are known, unless they hold the id of a resource of the stack."""
    for (type_, name), id_type in UNKNOWN_BY_DESIGN.items():
        for resource in graph.of(type_):
            if resource.read(name) is UNKNOWN and not graph.source(resource, name, id_type):
                yield resource, f"{name} is not known at preview"

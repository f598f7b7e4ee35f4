"""What has to be known at preview so that the other policies can read it."""

import json
from collections.abc import Iterator
from typing import Any

from policies.policy import resource_policy, stack_policy
from policies.stack import resource_types
from policies.stack.resource_graph import UNKNOWN, Resource, ResourceGraph

_DOCUMENTS = ("assumeRolePolicy", "definition", "eventPattern", "policy", "policyDocument")

UNKNOWN_BY_DESIGN = {(resource_types.PERMISSION, "sourceArn"): resource_types.API}
"""(type, property) that may be unknown at preview -> the type whose id, chosen by AWS, is in it.

No identity policy holds an API's id, but a permission's source ARN cannot be written without it
(design: Known before it exists).
"""


@resource_policy(
    "preview-document-known",
    on=(),
    risk="A policy pack skips a document made of outputs, which are unknown at preview; so a"
    " wildcard in it would pass.",
    fix="Build the document as a plain string from computed names and ARNs.",
    source="design: Known before it exists; pulumi-policy: UnknownValueError",
)
def document_known(resource: Resource) -> Iterator[str]:
    """Documents are known at preview and are valid JSON."""
    inline: Any = resource.read("inlinePolicies")
    if inline is UNKNOWN:
        yield "inlinePolicies is not known at preview"
    found = [(name, resource.read(name)) for name in _DOCUMENTS if resource.type.startswith("aws:")]
    if inline is not UNKNOWN:
        found += [("inlinePolicies", each["policy"]) for each in inline or ()]
    for name, value in found:
        if value is UNKNOWN:
            yield f"{name} is not known at preview"
        elif isinstance(value, str):
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

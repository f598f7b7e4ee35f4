"""What has to be known at preview, so that the other policies can read it."""

import json
from collections.abc import Iterator
from typing import Any

from policies import resource_types
from policies.policy import resource_policy, stack_policy
from policies.resource_graph import UNKNOWN, Graph, Resource

_DOCUMENTS = ("assumeRolePolicy", "definition", "eventPattern", "policy", "policyDocument")

UNKNOWN_BY_DESIGN = {(resource_types.PERMISSION, "sourceArn"): resource_types.API}
"""(type, property) that a preview may leave unknown -> whose id AWS makes up for it.

An API's id stands in no identity policy; where a permission's source ARN holds one, there is no
other way to say it (design: Known before it exists).
"""


@resource_policy(
    "preview-document-known",
    on=(),
    protects="A document that a policy pack skips, since it is made of what only AWS knows: just"
    " those with wildcards pass so.",
    fix="Build the document as a plain string, from names and ARNs that are computed.",
    source="design: Known before it exists; pulumi-policy: UnknownValueError",
)
def document_known(resource: Resource) -> Iterator[str]:
    """Documents are there, whole, and JSON."""
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
    protects="A permission whose source nobody can read before it is given.",
    fix="Compute the source's ARN from its name (and depend on it); an API's id is the exception.",
    source="design: Known before it exists",
)
def source_known(graph: Graph) -> Iterator[tuple[Resource, str]]:
    """Source ARNs are known, but where AWS makes up an id of a resource of this stack."""
    for (type_, name), maker in UNKNOWN_BY_DESIGN.items():
        for resource in graph.of(type_):
            if resource.read(name) is UNKNOWN and not graph.source(resource, name, maker):
                yield resource, f"{name} is not known at preview"

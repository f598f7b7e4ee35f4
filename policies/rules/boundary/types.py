"""Which resource types and properties a program may declare."""

from collections.abc import Iterator

from policies.policy import resource_policy
from policies.rules.boundary.recognised_types import (
    COMPONENTS,
    RECOGNISED,
    RECOGNISED_IN,
    REFUSED,
)
from policies.stack import resource_types
from policies.stack.resource_graph import Resource

_LIST = "policies/rules/boundary/recognised_types.py"

_SECOND_SOURCES: dict[tuple[str, str], str] = {
    (
        resource_types.API,
        "body",
    ): "its OpenAPI text makes routes that no policy reads",
    (
        resource_types.API,
        "routeKey",
    ): "quick create makes a route without an authorizer",
    (resource_types.API, "target"): "quick create makes a route without an authorizer",
    (resource_types.API, "credentialsArn"): "quick create's role: permit the function instead",
    (resource_types.FUNCTION, "imageUri"): "its code is not the zip that this repository builds",
    (resource_types.FUNCTION, "s3Bucket"): "its code is not the zip that this repository builds",
    (resource_types.INTEGRATION, "connectionId"): "requests leave by a link that is not declared",
    (resource_types.QUEUE, "fifoQueue"): "the standard topics cannot send to it",
    (resource_types.STAGE, "stageVariables"): "they choose what a route calls, at another place",
    (resource_types.ROLE, "path"): "its ARN is another one than follows from its name",
    (resource_types.ROLE, "managedPolicyArns"): "write the grants in the role's own RolePolicy",
    (resource_types.TABLE, "importTable"): "its data come from a bucket outside the stack",
    (resource_types.TABLE, "replicas"): "a copy of the data in another region, under another key",
    (resource_types.TABLE, "restoreSourceName"): "its data come from a table outside the stack",
    (resource_types.TABLE, "restoreSourceTableArn"): "its data come from a table outside the stack",
}
"""(type, property) -> why it stays unset: what it names or holds is judged by no policy."""

_UNSET: dict[tuple[str, str], object] = {(resource_types.ROLE, "path"): "/"}
"""Values that are as good as none: AWS's own defaults."""


@resource_policy(
    "boundary-recognised-type",
    on=(),
    risk="A type that the pack has never seen is judged by no policy: what it opens stays open.",
    fix=f"Declare a type of the list in {_LIST}, or write the policies that judge the new one and"
    " add its line.",
    source="Saltzer and Schroeder: fail-safe defaults; NIST 800-53 CM-7(5) allow by exception",
)
def recognised_type(resource: Resource) -> Iterator[str]:
    """The type is one that policies judge."""
    is_component = resource.type.partition(":")[0] in COMPONENTS and not resource.provider
    is_recognised = (
        resource.type in RECOGNISED or (resource.project, resource.type) in RECOGNISED_IN
    )
    if is_component or is_recognised:
        return
    reason = next((why for start, why in REFUSED.items() if resource.type.startswith(start)), "")
    if reason:
        yield f"type {resource.type} is refused: {reason}"
    else:
        yield (
            f"type {resource.type} is not recognised, so no policy judges it: write the policies"
            f' that do, and add the line `"{resource.type}": "<their names>",` to RECOGNISED in'
            f" {_LIST}"
        )


@resource_policy(
    "boundary-no-second-source",
    on={type_ for type_, _ in _SECOND_SOURCES},
    risk="A property brings in routes, code, grants or data that the pack does not see.",
    fix="Leave the property unset and declare what it stands for as resources.",
    source="design: Known before it exists; AWS API Gateway Developer Guide: quick create, OpenAPI",
)
def no_second_source(resource: Resource) -> Iterator[str]:
    """No property brings in what no policy judges."""
    for (type_, name), reason in _SECOND_SOURCES.items():
        if type_ != resource.type:
            continue
        value = resource.read(name)
        if value and value != _UNSET.get((type_, name)):
            yield f"{name} is set: {reason}"

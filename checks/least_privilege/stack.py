"""A stack of the program with all its values, as `pulumi up` would create it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from declared.program import evaluate, stack_config
from declared.resources import DeclaredResource
from declared.throwaway_secrets import throwaway_secrets
from policies.stack import resource_types
from policies.stack.resource_graph import Resource, ResourceGraph
from policies.stack.resource_policies import KEY_INPUTS


@dataclass(frozen=True)
class DeclaredStack(ResourceGraph):
    """All resources of a stack, with computed outputs that are always the same."""

    environment: str
    config: Mapping[str, str]

    @cached_property
    def account(self) -> str:
        """The configured account."""
        return self.config["goal-mandala:accountId"]

    @cached_property
    def region(self) -> str:
        """The configured region."""
        return self.config["aws:region"]

    def key_arn(self, key: Resource) -> str:
        """ARN of a key, with its name for the id that AWS chooses."""
        return f"arn:aws:kms:{self.region}:{self.account}:key/{key.name}"

    def key_of(self, resource: Resource) -> Resource | None:
        """The key that a resource is encrypted with."""
        if resource.type == resource_types.BUCKET:
            return self._key_of_bucket(resource)
        path = KEY_INPUTS.get(resource.type)
        return self.source(resource, path[0], resource_types.KEY) if path else None

    def _key_of_bucket(self, bucket: Resource) -> Resource | None:
        for each in self.of(resource_types.BUCKET_ENCRYPTION):
            if each.props["bucket"] == bucket.props["bucket"]:
                return self.source(each, "rules", resource_types.KEY)
        return None

    def aliases(self, key: Resource) -> tuple[str, ...]:
        """The aliases of a key."""
        found = self.of(resource_types.KEY_ALIAS)
        return tuple(
            a.props["name"]
            for a in found
            if self.source(a, "targetKeyId", resource_types.KEY) == key
        )

    def at(self, arn: str) -> Resource | None:
        """The resource with an ARN, or with a part of it (an index, an object, a suffix)."""
        if arn.startswith("arn:aws:s3:::"):
            return self.arns.get(arn.partition("/")[0])
        found = self.arns.get(arn) or self.arns.get(arn[: -len("-abc123")])
        return found or self.arns.get(arn.partition("/index/")[0])


def declared_stack(environment: str, config: Mapping[str, str]) -> DeclaredStack:
    """Evaluate the program; config overrides the stack's own."""
    given = {**throwaway_secrets(), **config}
    program = evaluate(environment, given)
    resources = tuple(map(_resource, program.resources))
    return DeclaredStack(resources, environment, {**stack_config(environment), **given})


def _resource(declared: DeclaredResource) -> Resource:
    return Resource(
        type=declared.type,
        urn=declared.urn,
        name=declared.name,
        props=declared.inputs,
        protect=declared.protect,
        provider={},
        parent=declared.parent,
        dependencies=declared.dependencies,
        sources=declared.property_dependencies,
    )

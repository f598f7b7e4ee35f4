"""A stack's resources with their dependencies, as the engine gives them to a policy."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import pulumi.runtime
from pulumi_policy import PolicyResource, ResourceValidationArgs

from policies.pulumi_policy_internals import UnknownValueError
from policies.stack import resource_types
from policies.stack.arn_forms import ARN_FORMS
from policies.stack.unknown_reads import read_once, touched


class Unknown:
    """A value that is known only after the deployment."""

    def __repr__(self) -> str:
        return "(not known yet)"


UNKNOWN: Final = Unknown()


@dataclass(frozen=True, eq=False)
class Resource:
    """One declared resource.

    props: its inputs, in a stack policy also its outputs; reading an unknown value raises
        UnknownValueError.
    provider: the inputs of its provider; provider_name: the provider's name.
    sources: input -> the URNs of the resources whose outputs it is made of (stack policies only).
    has_outputs: props hold outputs too.
    """

    type: str
    urn: str
    name: str
    props: Mapping[str, Any]
    protect: bool
    provider: Mapping[str, Any]
    parent: str = ""
    dependencies: frozenset[str] = frozenset()
    sources: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    has_outputs: bool = False
    provider_name: str = ""

    @property
    def stack(self) -> str:
        """The stack's name."""
        return self.urn.removeprefix("urn:pulumi:").partition("::")[0]

    @property
    def project(self) -> str:
        """The name of the project that declares it."""
        return self.urn.removeprefix("urn:pulumi:").split("::")[1]

    def read(self, *path: str) -> Any:
        """The value at a path: None if there is none, UNKNOWN if it is not known yet."""
        value: Any = self.props
        try:
            for step in path:
                value = value.get(step) if hasattr(value, "get") else None
        except UnknownValueError:
            touched().add((self.urn, path[0]))
            return UNKNOWN
        return value

    def given(self, *path: str) -> Any:
        """The value at a path that the program gives; None for what AWS chooses in a preview."""
        value = self.read(*path)
        return None if value is UNKNOWN and not self.sources.get(path[0]) else value

    def items(self, *path: str) -> list[Any]:
        """The elements of a list; UNKNOWN for each that is not known yet, or for the whole list."""
        found = self.read(*path)
        if found is UNKNOWN:
            return [UNKNOWN]
        holder: Any = found or ()
        elements = list[Any]()
        for index in range(len(holder)):
            try:
                elements.append(holder[index])
            except UnknownValueError:
                touched().add((self.urn, path[0]))
                elements.append(UNKNOWN)
        return elements


@dataclass(frozen=True, eq=False)
class ResourceGraph:
    """All resources of a stack."""

    resources: Sequence[Resource]

    @cached_property
    def by_urn(self) -> dict[str, Resource]:
        """URN -> resource."""
        return {resource.urn: resource for resource in self.resources}

    @cached_property
    def account(self) -> str:
        """The configured account (PROJECT:accountId). Raises LookupError if there is none."""
        config: Mapping[str, str] = pulumi.runtime.get_config_env()
        found = {value for key, value in config.items() if key.endswith(":accountId")}
        if len(found) != 1:
            key = f"{self.resources[0].project}:accountId"
            raise LookupError(f"the account is not configured: pulumi config set {key} ACCOUNT")
        return found.pop()

    @cached_property
    def region(self) -> str:
        """The configured region."""
        return pulumi.runtime.get_config_env()["aws:region"]

    @cached_property
    def _by_type(self) -> dict[str, list[Resource]]:
        found: dict[str, list[Resource]] = {}
        for resource in self.resources:
            found.setdefault(resource.type, []).append(resource)
        return found

    def of(self, *types: str) -> Iterator[Resource]:
        """The resources of these types, in the order of the stack."""
        if len(types) == 1:
            return iter(self._by_type.get(types[0], ()))
        return (resource for resource in self.resources if resource.type in types)

    def named(self, type_: str, name: Any) -> Resource | None:
        """The resource of a type with this physical name."""
        return next((r for r in self.of(type_) if r.read("name") == name), None)

    def source(self, resource: Resource, input_: str, *types: str) -> Resource | None:
        """The resource of one of these types that an input comes from."""
        found = (self.by_urn.get(urn) for urn in sorted(resource.sources.get(input_, ())))
        return next((each for each in found if each and each.type in types), None)

    def made_of(self, resource: Resource, input_: str, type_: str) -> Resource | None:
        """The declared resource whose id an input is made of.

        None if the input is known and the id is not, or is another one: then it is a literal.
        """
        source = self.source(resource, input_, type_)
        if source is None or resource.read(input_) is UNKNOWN:
            return source
        found = source.read("id")
        is_its_id = found is None or str(found) in str(resource.read(input_))
        return source if is_its_id else None

    def reaches(self, resource: Resource, other: Resource) -> bool:
        """Whether one depends on the other, directly or not: it is created later."""
        return other.urn in self._dependencies(resource)

    def _dependencies(self, resource: Resource) -> set[str]:
        pending, seen = [resource.urn], set[str]()
        while pending:
            urn = pending.pop()
            if urn in self.by_urn and urn not in seen:
                seen.add(urn)
                pending += [*self.by_urn[urn].dependencies, self.by_urn[urn].parent]
        return seen

    @read_once
    def arns(self) -> dict[str, Resource]:
        """ARN -> resource, for the types whose ARN follows from the name."""
        found = ((self.arn(resource), resource) for resource in self.resources)
        return {arn: resource for arn, resource in found if arn}

    def arn(self, resource: Resource) -> str | None:
        """The ARN that follows from the resource's name; None if AWS chooses an id."""
        if resource.type == resource_types.MACHINE_ALIAS:
            machine = self.by_urn.get(resource.parent)
            return f"{self.arn(machine)}:{resource.read('name')}" if machine else None
        form = ARN_FORMS.get(resource.type)
        names = [resource.read(name) for name in re.findall(r"\{(\w+)\}", form or "")]
        if form is None or not all(isinstance(name, str) for name in names):
            return None
        service, _, rest = form.partition(":")
        rest = re.sub(r"\{(\w+)\}", lambda match: resource.read(match[1]), rest)
        if resource.type == resource_types.PARAMETER:
            rest = rest.replace("//", "/")  # the ARN of /a/b is parameter/a/b
        region = "" if service in ("iam", "s3") else self.region
        account = "" if service == "s3" else self.account
        return f"arn:aws:{service}:{region}:{account}:{rest}"


def from_resource_args(args: ResourceValidationArgs) -> Resource:
    """The resource of a resource policy's arguments."""
    return Resource(
        args.resource_type,
        args.urn,
        args.name,
        args.props,
        args.opts.protect,
        args.provider.props if args.provider else {},
        provider_name=args.provider.name if args.provider else "",
    )


def from_policy_resource(resource: PolicyResource) -> Resource:
    """A resource of a stack policy's arguments."""
    parent: Any = resource.opts.parent or (resource.parent.urn if resource.parent else "")
    return Resource(
        resource.resource_type,
        resource.urn,
        resource.name,
        resource.props,
        resource.opts.protect,
        resource.provider.props if resource.provider else {},
        parent,
        frozenset(each.urn for each in resource.dependencies),
        {
            name: frozenset(each.urn for each in sources)
            for name, sources in resource.property_dependencies.items()
        },
        has_outputs=True,
        provider_name=resource.provider.name if resource.provider else "",
    )


def strings(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every (path, string) in a value; unknown values are left out."""
    if isinstance(value, str):
        yield path, value
        return
    holder: Any = value
    if isinstance(value, Mapping):
        keys = list(holder)
    elif isinstance(value, Sequence) and not isinstance(value, bytes):
        keys = list(range(len(holder)))
    else:
        return
    for key in keys:
        try:
            inner: Any = holder[key]
        except UnknownValueError:
            continue
        yield from strings(inner, f"{path}.{key}".removeprefix("."))

"""What the engine does with each resource from one configuration of a program to another.

Computed from two evaluations of the program and the provider's facts, as the engine does it: in the
order of dependencies; what depends on a new resource gets an unknown input.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

import pulumi

from declared.computed_outputs import computed_outputs
from declared.resources import DeclaredResource
from localcloud.provision.facts import UNKNOWN, change, facts_of, renewed
from policies.stack.resource_graph import strings

_Renewed = list[Any] | None
"""The values of the outputs that an operation changes."""

_ALL = None
"""All outputs, of a new resource."""

_COMPUTED = computed_outputs("123456789012", "ap-northeast-1")


@dataclass(frozen=True)
class ResourceOperation:
    """create, update, replace, delete, or refuse: a protected resource would go.

    changed: the inputs that differ. replacing: those of them that replace the resource.
    """

    name: str
    type: str
    operation: str
    changed: tuple[str, ...] = ()
    replacing: tuple[str, ...] = ()


def operations(
    old: Iterable[DeclaredResource], new: Iterable[DeclaredResource]
) -> list[ResourceOperation]:
    """The operations from the old resources, of a deployed stack, to the new ones."""
    before, after = {each.urn: each for each in old}, {each.urn: each for each in new}
    found = list(_changes(before, after))
    for urn, resource in before.items():
        if urn not in after and (resource.protect or not resource.retain_on_delete):
            operation = "refuse" if resource.protect else "delete"
            found.append(ResourceOperation(resource.name, resource.type, operation))
    return found


def _changes(
    before: Mapping[str, DeclaredResource], after: Mapping[str, DeclaredResource]
) -> Iterator[ResourceOperation]:
    unknown: dict[str, _Renewed] = {}
    for urn, resource in after.items():
        old = before.get(urn)
        if old is None:
            unknown[urn] = _ALL
            yield ResourceOperation(resource.name, resource.type, "create")
            continue
        facts = facts_of(resource.type)
        assert facts, resource.type
        inputs = {**comparable(resource.inputs), **_unknown_inputs(resource, unknown)}
        found = change(facts, comparable(old.inputs), inputs)
        changed = tuple(name for name in found.changed if name not in found.perpetual)
        if not changed:
            continue
        if not found.replacing:
            outputs = _COMPUTED(resource)[1]
            names = renewed(facts, changed, inputs)
            unknown[urn] = [outputs[each] for each in names if each in outputs]
            yield ResourceOperation(resource.name, resource.type, "update", changed)
            continue
        unknown[urn] = _ALL
        operation = "refuse" if old.protect else "replace"
        yield ResourceOperation(resource.name, resource.type, operation, changed, found.replacing)


def _unknown_inputs(resource: DeclaredResource, unknown: Mapping[str, _Renewed]) -> dict[str, Any]:
    """Inputs made of outputs that a preview does not know: of new resources, and renewed ones."""

    def is_unknown(value: Any, urn: str) -> bool:
        outputs = unknown.get(urn, [])
        return outputs is None or any(text in outputs for _, text in strings(value))

    return {
        name: UNKNOWN
        for name, urns in resource.property_dependencies.items()
        if name in resource.inputs and any(is_unknown(resource.inputs[name], urn) for urn in urns)
    }


def comparable(value: Any) -> Any:
    """Values as the engine compares them: a package is its file, which is named after its hash."""
    if isinstance(value, dict):
        values = cast("dict[str, Any]", value)
        return {name: comparable(each) for name, each in values.items()}
    if isinstance(value, list):
        return [comparable(each) for each in cast("list[Any]", value)]
    if isinstance(value, pulumi.FileArchive):
        return str(value.path)
    return value

"""Mutants: declared programs with one change, and the changes that they are made of."""

import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pulumi.output import Unknown

from declared.resources import DeclaredResource

Resources = dict[str, DeclaredResource]
"""Name -> resource; names are unique in the program."""

Change = Callable[[Resources], Resources]
Edit = Callable[[Any], Any]
"""An old value -> the new one."""

UNKNOWN = Unknown()
REMOVED = object()
"""As a new value: remove the input or element."""


@dataclass(frozen=True)
class Mutant:
    """A program with one fault, or a near miss.

    policy: that has to report it. what: the change in words.
    near_miss: it looks like a fault, and the policy must not report it.
    config: overrides the stack's. plain: keys of the configuration that are stored in plain text.
    levels: policy -> its enforcement level in the configuration of the pack.
    """

    policy: str
    what: str
    change: Change
    near_miss: bool = False
    stack: str = "prod"
    config: Mapping[str, str] = field(default_factory=dict[str, str])
    plain: frozenset[str] = frozenset()
    levels: Mapping[str, str] = field(default_factory=dict[str, str])


def unchanged(resources: Resources) -> Resources:
    """No change: the mutant is the program as it is, or its configuration."""
    return resources


def set_input(name: str, path: str, value: Any) -> Change:
    """Set an input to a value or REMOVED.

    path: steps with dots between; numbers are indexes, and steps may lead into JSON text.
    """
    return edit_input(name, path, lambda _: value)


def edit_input(name: str, path: str, edited: Edit) -> Change:
    """Edit an input; the path is as for `set_input`."""

    def change(resources: Resources) -> Resources:
        resource = resources[name]
        inputs = copy.deepcopy(resource.inputs)
        _set(inputs, path.split("."), edited)
        return {**resources, name: replace(resource, inputs=inputs)}

    return change


def _set(holder: Any, path: list[str], edited: Edit) -> None:
    key: Any = int(path[0]) if path[0].isdigit() else path[0]
    old: Any = holder[key] if isinstance(key, int) or key in holder else None
    if not path[1:]:
        new = edited(old)
        if new is REMOVED:
            del holder[key]
        else:
            holder[key] = new
    elif isinstance(old, str):
        parsed = json.loads(old)
        _set(parsed, path[1:], edited)
        holder[key] = json.dumps(parsed)
    else:
        _set(old, path[1:], edited)


def grant(name: str, action: Any, resource: Any, **elements: Any) -> Change:
    """Add an Allow statement to the policy of a role."""
    statement = {"Effect": "Allow", "Action": action, "Resource": resource, **elements}
    return edit_input(name, "policy.Statement", lambda old: [*old, statement])


def deny(name: str, action: Any, resource: Any, **elements: Any) -> Change:
    """Add a Deny statement to a policy."""
    statement = {"Effect": "Deny", "Action": action, "Resource": resource, **elements}
    return edit_input(name, "policy.Statement", lambda old: [*old, statement])


def edit_statement(name: str, action: str, edited: Edit, document: str = "policy") -> Change:
    """Edit the statements that name an action."""

    def statements(old: list[Any]) -> list[Any]:
        assert any(_has(each, action) for each in old), f"{name} has no {action}"
        return [edited(each) if _has(each, action) else each for each in old]

    return edit_input(name, f"{document}.Statement", statements)


def _has(statement: dict[str, Any], action: str) -> bool:
    actions = statement["Action"]
    return action in ([actions] if isinstance(actions, str) else actions)


def with_elements(**changed: Any) -> Edit:
    """The edit that sets elements of a statement, or removes those that are REMOVED."""
    return lambda old: {k: v for k, v in {**old, **changed}.items() if v is not REMOVED}


def without_action(action: str) -> Edit:
    """The edit that removes an action from a statement."""
    return lambda old: {**old, "Action": [each for each in old["Action"] if each != action]}


def without_dependency(name: str, other: str) -> Change:
    """Remove every dependency of one resource that leads to another."""

    def change(resources: Resources) -> Resources:
        by_urn = {each.urn: each for each in resources.values()}

        def reaches(urn: str, seen: set[str]) -> bool:
            if urn == resources[other].urn:
                return True
            if urn in seen or urn not in by_urn:
                return False
            seen.add(urn)
            return any(reaches(each, seen) for each in by_urn[urn].dependencies)

        resource = resources[name]
        kept = frozenset(urn for urn in resource.dependencies if not reaches(urn, set()))
        assert kept != resource.dependencies, f"{name} does not depend on {other}"
        return {**resources, name: replace(resource, dependencies=kept)}

    return change


def without(*names: str) -> Change:
    """Remove resources."""

    def change(resources: Resources) -> Resources:
        assert set(names) <= set(resources)
        return {name: each for name, each in resources.items() if name not in names}

    return change


def protect(name: str) -> Change:
    """Set `protect`, as the resource's own option or its parent's does."""
    return lambda resources: {**resources, name: replace(resources[name], protect=True)}


def unprotect(name: str) -> Change:
    """Unset `protect`."""
    return lambda resources: {**resources, name: replace(resources[name], protect=False)}


def without_parent(name: str) -> Change:
    """Make the stack the parent, instead of a resource."""
    parent = "urn:pulumi:prod::goal-mandala::pulumi:pulumi:Stack::goal-mandala-prod"
    return lambda resources: {**resources, name: replace(resources[name], parent=parent)}


def set_source(name: str, input_: str, other: str | None) -> Change:
    """Make an input come from another resource's output, or from none."""

    def change(resources: Resources) -> Resources:
        urns = frozenset({resources[other].urn} if other else ())
        sources = {**resources[name].property_dependencies, input_: urns}
        changed = replace(resources[name], property_dependencies=sources)
        return {**resources, name: changed}

    return change


def declare(
    type_: str,
    name: str,
    inputs: Mapping[str, Any],
    *,
    beside: str = "alerting-alerts",
    after: tuple[str, ...] = (),
    sources: Mapping[str, str] | None = None,
) -> Change:
    """Declare one more resource, with the parent of `beside`.

    after: what it depends on; sources: input -> the resource that the input comes from.
    """

    def change(resources: Resources) -> Resources:
        near = resources[beside]
        made_of = {key: resources[other].urn for key, other in (sources or {}).items()}
        waits = [*(resources[each].urn for each in after), *made_of.values()]
        urn = f"{near.urn.rpartition('::')[0].rpartition('::')[0]}::{type_}::{name}"
        resource = DeclaredResource(
            type_,
            name,
            urn,
            near.parent,
            dict(inputs),
            dependencies=frozenset(waits),
            property_dependencies={key: frozenset({each}) for key, each in made_of.items()},
        )
        return {**resources, name: resource}

    return change


def all_changes(*changes: Change) -> Change:
    """The changes one after another."""

    def change(resources: Resources) -> Resources:
        for each in changes:
            resources = each(resources)
        return resources

    return change

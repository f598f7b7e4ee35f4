"""Changes to a declared program, each of one thing: what mutants are made of."""

import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pulumi.output import Unknown

from declared.program import DeclaredResource

Resources = dict[str, DeclaredResource]
"""Name -> resource; the names of our resources are unique."""

Change = Callable[[Resources], Resources]
Edit = Callable[[Any], Any]

UNKNOWN = Unknown()
REMOVED = object()


@dataclass(frozen=True)
class Mutant:
    """A program that is wrong in one thing, or nearly.

    policy: whom it is made for. what: the change in words.
    near_miss: it looks wrong, and that policy must let it pass.
    config: laid over the stack's. plain: keys of the configuration that are no secrets any more.
    """

    policy: str
    what: str
    change: Change
    near_miss: bool = False
    stack: str = "prod"
    config: Mapping[str, str] = field(default_factory=dict[str, str])
    plain: frozenset[str] = frozenset()


def same(resources: Resources) -> Resources:
    """No change: the mutant is in the configuration."""
    return resources


def put(name: str, path: str, value: Any) -> Change:
    """Set an input (dotted path; numbers are indexes), or remove it with REMOVED.

    In a JSON text the path goes on inside it.
    """
    return alter(name, path, lambda _: value)


def alter(name: str, path: str, edited: Edit) -> Change:
    """Change an input: a function of what it was."""

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
    """Allow something more in the policy of a role."""
    statement = {"Effect": "Allow", "Action": action, "Resource": resource, **elements}
    return alter(name, "policy.Statement", lambda old: [*old, statement])


def edit(name: str, action: str, edited: Edit, document: str = "policy") -> Change:
    """Change the statement that names an action first."""

    def statements(old: list[Any]) -> list[Any]:
        assert any(_has(each, action) for each in old), f"{name} has no {action}"
        return [edited(each) if _has(each, action) else each for each in old]

    return alter(name, f"{document}.Statement", statements)


def _has(statement: dict[str, Any], action: str) -> bool:
    actions = statement["Action"]
    return action in ([actions] if isinstance(actions, str) else actions)


def elements(**changed: Any) -> Edit:
    """An edit of a statement's elements; REMOVED takes one away."""
    return lambda old: {k: v for k, v in {**old, **changed}.items() if v is not REMOVED}


def without_action(action: str) -> Edit:
    """An edit that takes one action out of a statement."""
    return lambda old: {**old, "Action": [each for each in old["Action"] if each != action]}


def sooner(name: str, other: str) -> Change:
    """Cut every edge by which one waits for another."""

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
        assert kept != resource.dependencies, f"{name} does not wait for {other}"
        return {**resources, name: replace(resource, dependencies=kept)}

    return change


def without(*names: str) -> Change:
    """Take resources away."""

    def change(resources: Resources) -> Resources:
        assert set(names) <= set(resources)
        return {name: each for name, each in resources.items() if name not in names}

    return change


def unprotect(name: str) -> Change:
    """Take Pulumi's protection away."""
    return lambda resources: {**resources, name: replace(resources[name], protect=False)}


def orphan(name: str) -> Change:
    """Let the stack's component be its parent, instead of a resource."""
    parent = "urn:pulumi:prod::goal-mandala::pulumi:pulumi:Stack::goal-mandala-prod"
    return lambda resources: {**resources, name: replace(resources[name], parent=parent)}


def source(name: str, input_: str, other: str | None) -> Change:
    """Make an input of another resource's output, or of none's."""

    def change(resources: Resources) -> Resources:
        urns = frozenset({resources[other].urn} if other else ())
        sources = {**resources[name].property_dependencies, input_: urns}
        changed = replace(resources[name], property_dependencies=sources)
        return {**resources, name: changed}

    return change


def add(
    type_: str,
    name: str,
    inputs: Mapping[str, Any],
    *,
    beside: str = "alerting-alerts",
    after: tuple[str, ...] = (),
    sources: Mapping[str, str] | None = None,
) -> Change:
    """Declare one more resource."""

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


def both(*changes: Change) -> Change:
    """One change after another."""

    def change(resources: Resources) -> Resources:
        for each in changes:
            resources = each(resources)
        return resources

    return change

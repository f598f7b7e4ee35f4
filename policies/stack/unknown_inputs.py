"""Inputs that a preview does not know, though the program could have computed them.

One policy reports them (`policies.rules.preview`). The others leave out what they would say of a
value that is not there, or because of it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from policies.pulumi_policy_internals import UnknownValueError
from policies.stack.resource_graph import Resource
from policies.stack.unknown_reads import touched

_CHOSEN_BY_AWS = re.compile(
    r".*(Arn|Arns|Id|Ids|Uri|Url)|arn|audiences|bucket|dashboardBody|destination|endpoint"
    r"|function|functionName|functionVersion|id|issuer|name|.*Name|role|rule|target|topic"
    r"|.*Actions|layers|secretString|value|.*[dD]escription|comment"
)
"""The last name of a path to what may be unknown: an id, ARN or URL that AWS chooses, a reference
to another resource, and texts that other policies judge or that only people read."""

_HELD_BY_KEYS = ("dimensions", "environment")
"""Maps whose values may be unknown, one by one, though their keys say nothing of ids."""

IDENTIFYING = ("name", "bucket", "alarmName")
"""Inputs by which a resource is found. They may be unknown only where they name another one."""

found: dict[str, tuple[str, ...]] = {}
"""URN -> the unknown inputs of a resource that was analyzed in this preview."""


def note(resource: Resource) -> None:
    """Remember the unknown inputs of a resource, which a stack policy cannot tell from outputs."""
    paths = tuple(unknown_inputs(resource))
    if paths:
        found[resource.urn] = paths
    else:
        found.pop(resource.urn, None)


def unknown_inputs(resource: Resource) -> Iterator[str]:
    """The paths to what is unknown and need not be; the resource has inputs only."""
    if not resource.type.startswith("aws:"):
        return
    for path in dict.fromkeys(_unknown(resource.props, ())):
        names = [step for step in path.split(".") if not step.isdigit()]
        is_own_name = path in IDENTIFYING and resource.type.rpartition(":")[2] in _WITH_NAME
        in_map = len(names) > 1 and bool(set(_HELD_BY_KEYS) & set(names[:-1]))
        if is_own_name or not (in_map or _CHOSEN_BY_AWS.fullmatch(names[-1])):
            yield path


_WITH_NAME = frozenset(
    {
        *("Alias", "Api", "Bucket", "CompositeAlarm", "EventRule", "Function", "LogGroup"),
        *("MetricAlarm", "Plan", "Queue", "Role", "Secret", "StateMachine", "Table", "Topic"),
        *("UserPool", "Vault"),
    }
)
"""Types whose `name` is their own, not a reference."""


def holder(input_: str) -> str | None:
    """The URN of a resource whose input of this name is unknown."""
    return next((urn for urn in found if input_ in _heads(urn)), None)


def may_explain(resource: Resource) -> bool:
    """Whether an unknown input that a rule has read may be why it found something at a resource.

    It is not at a resource of the same type: a rule judges those one by one. But resources of
    every type may name the one whose name is unknown.
    """
    return any(
        resource.urn == other or resource.type != _type(other) or name in IDENTIFYING
        for other, name in touched()
        if name in _heads(other)
    )


def _heads(urn: str) -> set[str]:
    return {path.split(".")[0] for path in found.get(urn, ())}


def _type(urn: str) -> str:
    return urn.split("::")[2].rpartition("$")[2]


def _unknown(value: Any, path: tuple[str, ...]) -> Iterator[str]:
    holder: Any = value
    if isinstance(value, Mapping):
        keys: list[Any] = list(holder)
    elif isinstance(value, Sequence) and not isinstance(value, str | bytes):
        keys = list(range(len(holder)))
    else:
        return
    for key in keys:
        step = (*path, str(key))
        try:
            inner: Any = holder[key]
        except UnknownValueError:
            yield ".".join(step)
        else:
            yield from _unknown(inner, step)

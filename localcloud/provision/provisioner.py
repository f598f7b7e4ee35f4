"""How one type of resource is made real: created through its service's API, then read back."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

from localcloud.cluster.state import root_client

Properties = dict[str, Any]
"""A resource's properties by the names that the program uses (Pulumi's, in camelCase)."""


@dataclass(frozen=True)
class Clients:
    """boto3 clients of one endpoint, made when they are first needed."""

    endpoint: str
    _made: dict[str, Any] = field(default_factory=dict[str, Any], repr=False)

    def __call__(self, service: str) -> Any:
        """The client of a service, by boto3's name of it."""
        if service not in self._made:
            self._made[service] = root_client(service, self.endpoint)
        return self._made[service]


@dataclass(frozen=True)
class Provisioner:
    """A type of resource.

    create: creates what is declared; returns the id that Pulumi's AWS provider would give it.
    read: what the service holds under an id, by the program's names, with the outputs (such as
        `arn`) that the provider would add. What it leaves out counts as not held. It is also told
        what was declared, for a parent's id and for values that have more than one form.
    delete: ends it; is told what was declared, for a parent's id.
    update: changes what is held, from one declaration (the last argument) to another. None: every
        change replaces the resource; the facts say which do beside it.
    """

    create: Callable[[Clients, Properties], str]
    read: Callable[[Clients, str, Properties], Properties]
    delete: Callable[[Clients, str, Properties], None]
    update: Callable[[Clients, str, Properties, Properties], None] | None = None


def renamed(properties: Properties, names: dict[str, str]) -> Properties:
    """The properties that have a value, by the API's names instead of the program's."""
    return {
        names[name]: value
        for name, value in properties.items()
        if name in names and value is not None
    }


def named_back(answer: Properties, names: dict[str, str]) -> Properties:
    """The other way round: an API's answer by the program's names, what it lacks left out."""
    return {name: answer[theirs] for name, theirs in names.items() if theirs in answer}


def capitalised(value: Any) -> Any:
    """The same structure with API names: `attributeName` is `AttributeName` to most services."""
    return _with_names(value, lambda name: name[:1].upper() + name[1:])


def uncapitalised(value: Any) -> Any:
    """The other way round."""
    return _with_names(value, lambda name: name[:1].lower() + name[1:])


def key_values(
    tags: dict[str, str], key: str = "Key", value: str = "Value"
) -> list[dict[str, str]]:
    """Tags as the list of pairs that most services take."""
    return [{key: name, value: text} for name, text in tags.items()]


def from_key_values(
    tags: list[dict[str, str]], key: str = "Key", value: str = "Value"
) -> dict[str, str]:
    """The other way round."""
    return {tag[key]: tag[value] for tag in tags}


def _with_names(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value)
        return {change(name): _with_names(each, change) for name, each in items.items()}
    if isinstance(value, list):
        return [_with_names(each, change) for each in cast("list[Any]", value)]
    return value

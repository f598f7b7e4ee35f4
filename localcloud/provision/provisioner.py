"""How one type of resource is created, read, changed and deleted by its service's API."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

from localcloud.aws.clients import ROOT, Credentials, client

Properties = dict[str, Any]
"""A resource's properties by Pulumi's names (camelCase)."""


@dataclass(frozen=True)
class Clients:
    """boto3 clients of one endpoint, each created on first use; root's, or those of a session."""

    endpoint: str
    credentials: Credentials = field(default=ROOT, repr=False)
    _clients: dict[str, Any] = field(default_factory=dict[str, Any], repr=False)

    def __call__(self, service: str) -> Any:
        """The client of a service, by boto3's name for it."""
        if service not in self._clients:
            self._clients[service] = client(service, self.endpoint, self.credentials)
        return self._clients[service]


@dataclass(frozen=True)
class Provisioner:
    """The operations of one resource type.

    create: creates the declared resource; returns the id that Pulumi's AWS provider would give it.
    read: returns what the service holds under an id, by Pulumi's names, with the provider's outputs
        such as `arn`. A property that it leaves out counts as not held. The last argument is the
        declaration, for a parent's id and for values that have more than one form.
    delete: deletes the resource; the last argument is the declaration, for a parent's id.
    update: changes the resource to a declaration (the third argument) from an older one (the last).
        None: every change replaces the resource; with it, the facts say which changes do.
    """

    create: Callable[[Clients, Properties], str]
    read: Callable[[Clients, str, Properties], Properties]
    delete: Callable[[Clients, str, Properties], None]
    update: Callable[[Clients, str, Properties, Properties], None] | None = None


def to_api(properties: Properties, names: dict[str, str]) -> Properties:
    """The properties that have a value, with the API's names instead of Pulumi's."""
    return {
        names[name]: value
        for name, value in properties.items()
        if name in names and value is not None
    }


def from_api(answer: Properties, names: dict[str, str]) -> Properties:
    """An API's answer with Pulumi's names; fields that the answer lacks are left out."""
    return {name: answer[field] for name, field in names.items() if field in answer}


def capitalised(value: Any) -> Any:
    """The same structure with capitalised names, as most APIs have: `AttributeName`."""
    return _with_names(value, lambda name: name[:1].upper() + name[1:])


def uncapitalised(value: Any) -> Any:
    """The same structure with Pulumi's names: `attributeName`."""
    return _with_names(value, lambda name: name[:1].lower() + name[1:])


def key_values(
    tags: dict[str, str], key: str = "Key", value: str = "Value"
) -> list[dict[str, str]]:
    """Tags as the list of pairs that most APIs take."""
    return [{key: name, value: text} for name, text in tags.items()]


def from_key_values(
    tags: list[dict[str, str]], key: str = "Key", value: str = "Value"
) -> dict[str, str]:
    """Tags from the list of pairs that most APIs return."""
    return {tag[key]: tag[value] for tag in tags}


def _with_names(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value)
        return {change(name): _with_names(each, change) for name, each in items.items()}
    if isinstance(value, list):
        return [_with_names(each, change) for each in cast("list[Any]", value)]
    return value

"""Policy documents, read: where resources carry them and what their statements say."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from policies import resource_types
from policies.resource_graph import UNKNOWN, Resource

IDENTITY_TYPES = frozenset(
    {
        resource_types.ROLE_POLICY,
        "aws:iam/policy:Policy",
        "aws:iam/userPolicy:UserPolicy",
        "aws:iam/groupPolicy:GroupPolicy",
    }
)
"""Types whose `policy` says what the holder may do."""

_RESOURCE_POLICY_PROPERTIES = ("policy", "policyDocument", "resourcePolicy")


@dataclass(frozen=True)
class Statement:
    """One statement.

    principals: (kind, who), such as ("Service", "events.amazonaws.com"); ("*", "*") is everybody.
    conditions: (operator, key in lower case, values).
    elements: the names of all its elements.
    """

    effect: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    principals: tuple[tuple[str, str], ...]
    conditions: tuple[tuple[str, str, tuple[str, ...]], ...]
    elements: frozenset[str]

    @property
    def allows(self) -> bool:
        """Whether it allows anything."""
        return self.effect == "Allow"

    def condition(self, key: str, *operators: str) -> tuple[str, ...]:
        """The values that a key is held to by one of these operators."""
        return tuple(
            value
            for operator, found, values in self.conditions
            if found == key.lower() and operator in operators
            for value in values
        )


def identity_documents(resource: Resource) -> Iterator[Any]:
    """The documents that say what a role, user or group may do."""
    if resource.type in IDENTITY_TYPES:
        yield resource.props["policy"]
    for inline in _given(resource, "inlinePolicies") or ():
        if inline.get("policy"):
            yield inline["policy"]


def trust_documents(resource: Resource) -> Iterator[Any]:
    """The document that says who may assume a role."""
    if resource.type == resource_types.ROLE:
        yield resource.props["assumeRolePolicy"]


def resource_documents(resource: Resource) -> Iterator[Any]:
    """The documents that say who may use a resource."""
    if resource.type not in IDENTITY_TYPES:
        for name in _RESOURCE_POLICY_PROPERTIES:
            document = _given(resource, name)
            if document:
                yield document


def _given(resource: Resource, name: str) -> Any:
    if name in resource_types.COMPUTED.get(resource.type, ()) and resource.read(name) is UNKNOWN:
        return None  # that no program gives one is asked of its inputs: preview-document-known
    return resource.props.get(name)


def identity_statements(resource: Resource) -> Iterator[Statement]:
    """The statements of its identity documents."""
    for document in identity_documents(resource):
        yield from statements(document)


def resource_statements(resource: Resource) -> Iterator[Statement]:
    """The statements of its resource policy."""
    for document in resource_documents(resource):
        yield from statements(document)


def statements(document: Any) -> Iterator[Statement]:
    """The statements of a document, given as text or as data."""
    parsed: Any = json.loads(document) if isinstance(document, str) else document
    for raw in _as_list(parsed["Statement"]):
        conditions: Any = raw.get("Condition") or {}
        if raw["Effect"] not in ("Allow", "Deny"):
            raise ValueError(f"Effect {raw['Effect']}")
        yield Statement(
            effect=raw["Effect"],
            actions=_texts(raw.get("Action")),
            resources=_texts(raw.get("Resource")),
            principals=tuple(_principals(raw.get("Principal"))),
            conditions=tuple(
                (operator, key.lower(), _texts(values))
                for operator, keys in conditions.items()
                for key, values in keys.items()
            ),
            elements=frozenset(raw),
        )


def _principals(principal: Any) -> Iterator[tuple[str, str]]:
    if isinstance(principal, str):
        yield ("*", principal)
    elif principal:
        for kind, who in principal.items():
            yield from ((kind, each) for each in _texts(who))


def _texts(value: Any) -> tuple[str, ...]:
    return () if value is None else tuple(_text(each) for each in _as_list(value))


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _as_list(value: Any) -> list[Any]:
    items: Any = value
    return [value] if isinstance(value, str) or not isinstance(value, Sequence) else list(items)

"""IAM policy documents: which resources have them, and their statements."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from policies.stack import resource_types
from policies.stack.resource_graph import UNKNOWN, Resource

IDENTITY_TYPES = frozenset(
    {
        resource_types.ROLE_POLICY,
        "aws:iam/policy:Policy",
        "aws:iam/userPolicy:UserPolicy",
        "aws:iam/groupPolicy:GroupPolicy",
    }
)
"""Types whose `policy` is an identity policy."""

_RESOURCE_POLICY_PROPERTIES = ("policy", "policyDocument", "resourcePolicy")
_DATA_PROTECTION = frozenset({"aws:cloudwatch/logDataProtectionPolicy:LogDataProtectionPolicy"})
"""Types whose document masks data and allows nothing: its statements have no Effect."""


@dataclass(frozen=True)
class Statement:
    """One statement.

    principals: (kind, principal), such as ("Service", "events.amazonaws.com"); ("*", "*") is
        everybody.
    conditions: (operator, key in lower case, values).
    elements: the names of all elements that the statement has.
    """

    effect: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    principals: tuple[tuple[str, str], ...]
    conditions: tuple[tuple[str, str, tuple[str, ...]], ...]
    elements: frozenset[str]

    @property
    def allows(self) -> bool:
        """Whether the effect is Allow."""
        return self.effect == "Allow"

    def condition(self, key: str, *operators: str) -> tuple[str, ...]:
        """The values that these operators compare a condition key with."""
        return tuple(
            value
            for operator, found, values in self.conditions
            if found == key.lower() and operator in operators
            for value in values
        )


def identity_documents(resource: Resource) -> Iterator[Any]:
    """The identity policies of a role, user, group or policy resource."""
    if resource.type in IDENTITY_TYPES:
        yield resource.props["policy"]
    for inline in _declared(resource, "inlinePolicies") or ():
        if inline.get("policy"):
            yield inline["policy"]


def trust_documents(resource: Resource) -> Iterator[Any]:
    """The trust policy of a role."""
    if resource.type == resource_types.ROLE:
        yield resource.props["assumeRolePolicy"]


def resource_documents(resource: Resource) -> Iterator[Any]:
    """The resource policies that a resource has or attaches."""
    if resource.type not in IDENTITY_TYPES | _DATA_PROTECTION:
        for name in _RESOURCE_POLICY_PROPERTIES:
            document = _declared(resource, name)
            if document:
                yield document


def _declared(resource: Resource, name: str) -> Any:
    """The value that the program gives a property; None if it gives none.

    In the outputs of a preview, a property that the AWS provider computes is unknown and has no
    source. Raises UnknownValueError if the program gives an unknown value.
    """
    is_unknown = resource.has_outputs and resource.read(name) is UNKNOWN
    if is_unknown and not resource.sources.get(name):
        return None
    return resource.props.get(name)


def named_principals(resource: Resource) -> Iterator[tuple[str, str]]:
    """(input, principal) that a resource names outside a document, as a Permission or a Grant does.

    An organization counts, too: everybody in it is a principal.
    """
    for name in resource.props:
        value = resource.read(name)
        if isinstance(value, str) and name.lower().endswith(("principal", "principalorgid")):
            yield name, value


def identity_statements(resource: Resource) -> Iterator[Statement]:
    """The statements of a resource's identity policies."""
    for document in identity_documents(resource):
        yield from statements(document)


def resource_statements(resource: Resource) -> Iterator[Statement]:
    """The statements of a resource's resource policies."""
    for document in resource_documents(resource):
        yield from statements(document)


def statements(document: Any) -> Iterator[Statement]:
    """The statements of a document: JSON text or the parsed object."""
    if isinstance(document, str):
        yield from _statements_of_text(document)
    else:
        yield from _statements(document)


@lru_cache(maxsize=256)
def _statements_of_text(text: str) -> tuple[Statement, ...]:
    # Twenty policies read each document.
    return tuple(_statements(json.loads(text)))


def _statements(document: Any) -> Iterator[Statement]:
    for raw in _as_list(document["Statement"]):
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
        for kind, names in principal.items():
            yield from ((kind, name) for name in _texts(names))


def _texts(value: Any) -> tuple[str, ...]:
    return () if value is None else tuple(_text(each) for each in _as_list(value))


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _as_list(value: Any) -> list[Any]:
    items: Any = value
    return [value] if isinstance(value, str) or not isinstance(value, Sequence) else list(items)

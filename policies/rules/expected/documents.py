"""Form of IAM documents."""

import json
import re
from collections.abc import Iterator
from typing import Any

from policies.policy import resource_policy
from policies.stack.documents import (
    identity_documents,
    resource_documents,
    trust_documents,
)
from policies.stack.resource_graph import Resource

VERSION = "2012-10-17"
_OF_EVERY_STATEMENT = ("Action", "NotAction"), ("Effect",)
_OF_IDENTITY_STATEMENTS = ("Resource", "NotResource"), *_OF_EVERY_STATEMENT
_OF_RESOURCE_STATEMENTS = (
    ("Resource", "NotResource"),
    ("Principal", "NotPrincipal"),
    *_OF_EVERY_STATEMENT,
)
_OF_TRUST_STATEMENTS = ("Principal",), *_OF_EVERY_STATEMENT


@resource_policy(
    "expected-document",
    on=(),
    risk="AWS refuses the document, or reads it by the rules of 2008, without policy variables.",
    fix=f"Give the document Version {VERSION}, and each statement the elements that it needs.",
    source="IAM User Guide: JSON policy elements, Grammar of the IAM JSON policy language",
)
def document_form(resource: Resource) -> Iterator[str]:
    """A document has its version, and each statement every element, with a value."""
    kinds = (
        (identity_documents, _OF_IDENTITY_STATEMENTS),
        (resource_documents, _OF_RESOURCE_STATEMENTS),
        (trust_documents, _OF_TRUST_STATEMENTS),
    )
    for documents, elements in kinds:
        for document in documents(resource):
            yield from _faults(document, elements)


def _faults(document: Any, elements: tuple[tuple[str, ...], ...]) -> Iterator[str]:
    parsed: Any = json.loads(document) if isinstance(document, str) else document
    if parsed.get("Version") != VERSION:
        yield f"Version is {parsed.get('Version')}, it has to be {VERSION}"
    held: Any = parsed.get("Statement") or ()
    listed: list[Any] = [held] if hasattr(held, "get") else [*held]
    sids = list[str]()
    for number, statement in enumerate(listed, 1):
        for either in elements:
            if not any(statement.get(name) for name in either):
                yield f"statement {number} has no {' or '.join(either)}"
        conditions: Any = statement.get("Condition") or {}
        for operator, keys in conditions.items():
            for key in [key for key, values in keys.items() if not _has_value(values)]:
                yield f"statement {number} compares {key} by {operator} with nothing"
            if not keys:
                yield f"statement {number} has {operator} without a key, which always holds"
        sids += [statement["Sid"]] if statement.get("Sid") else []
    for sid in sids:
        if sids.count(sid) > 1 or not re.fullmatch("[A-Za-z0-9]+", sid):
            yield f"Sid {sid} has to be of letters and digits, and of one statement only"


def _has_value(values: Any) -> bool:
    return isinstance(values, bool) or bool(values)

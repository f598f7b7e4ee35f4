"""A resource as a Pulumi program declares it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class DeclaredResource:
    """One resource.

    type: Pulumi's type token, such as `aws:dynamodb/table:Table`.
    inputs: by Pulumi's camelCase names; outputs of other resources are resolved, secrets are plain.
        In a preview an unknown value is a `pulumi.output.Unknown`.
    secret_inputs: the names of the inputs that are or contain a secret.
    dependencies: the URNs it depends on, by `depends_on` or by an input.
    property_dependencies: input -> the URNs of the resources whose outputs it is made of.
    """

    type: str
    name: str
    urn: str
    parent: str
    inputs: dict[str, Any]
    secret_inputs: frozenset[str] = frozenset()
    dependencies: frozenset[str] = frozenset()
    property_dependencies: Mapping[str, frozenset[str]] = field(
        default_factory=dict[str, frozenset[str]]
    )
    protect: bool = False
    retain_on_delete: bool = False


Provision = Callable[[DeclaredResource], tuple[str, dict[str, Any]]]
"""Creates one resource; returns its id and those of its outputs that are not inputs."""

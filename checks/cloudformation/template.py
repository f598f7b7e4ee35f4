"""One template for each stack: the declared resources with CloudFormation's references.

The program is evaluated as in a preview, but outputs are texts for `Fn::Sub` instead of unknown
values, so an input that is made of an output becomes a reference.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from pulumi.output import Unknown

from checks.cloudformation.mapping import (
    Json,
    PropertyMapping,
    ResourceMapping,
    merge,
    properties_of,
)
from checks.cloudformation.table import TABLE
from declared.program import ROOT, evaluate
from declared.resources import DeclaredResource

_REFERENCE = re.compile(r"\$\{(AWS::\w+|\w+)(?:\.([\w.]+))?\}")
_BRACES = re.compile(r"\$\{(?=([\w:]*))")


@dataclass
class Template:
    """A stack for CloudFormation.

    resources: by logical id. origins: logical id -> the declared resource.
    unmapped: resources that the table does not map, and why.
    """

    resources: dict[str, Json] = field(default_factory=dict[str, Json])
    origins: dict[str, DeclaredResource] = field(default_factory=dict[str, DeclaredResource])
    unmapped: list[tuple[DeclaredResource, str]] = field(
        default_factory=list[tuple[DeclaredResource, str]]
    )


class UnmappedError(Exception):
    """The table does not map a resource."""


def with_references(
    stack: str,
    config: Mapping[str, str],
    folder: Path = ROOT,
    references: Mapping[str, Mapping[str, Any]] | None = None,
) -> tuple[DeclaredResource, ...]:
    """What a stack declares, with references for outputs; the arguments are those of `evaluate`."""
    program = evaluate(
        stack,
        config,
        provision=_reference_outputs,
        preview=True,
        folder=folder,
        references=references,
    )
    return program.resources


def template(resources: Sequence[DeclaredResource]) -> Template:
    """The template for these resources."""
    template = Template()
    ids = {name for each in resources for name in _logical_ids(each)}
    # owners first: a property is added to its owner
    for resource in sorted(resources, key=_is_property):
        try:
            _add(template, resource, ids)
        except UnmappedError as error:
            template.unmapped.append((resource, str(error)))
        except Exception as error:  # an input has another form than the table expects
            template.unmapped.append((resource, f"{type(error).__name__}: {error}"))
    return template


def logical_id(resource: DeclaredResource) -> str:
    """The letters and digits of the resource's name in the program."""
    words = re.findall(r"[A-Za-z0-9]+", resource.name)
    return "".join(word[:1].upper() + word[1:] for word in words)


def _logical_ids(resource: DeclaredResource) -> Iterator[str]:
    mapping = TABLE.get(resource.type)
    yield logical_id(resource)
    if isinstance(mapping, ResourceMapping):
        yield from (f"{logical_id(resource)}{suffix}" for suffix in mapping.published)


def _is_property(resource: DeclaredResource) -> bool:
    return isinstance(TABLE.get(resource.type), PropertyMapping)


def _add(template: Template, resource: DeclaredResource, ids: Collection[str]) -> None:
    mapping = TABLE.get(resource.type)
    if mapping is None:
        raise UnmappedError(f"the table has no {resource.type}")
    if path := next(_unknown_paths(resource.inputs, ""), None):
        raise UnmappedError(f"{path} is made of an output that the table does not name")
    if isinstance(mapping, PropertyMapping):
        _add_to_owner(template, mapping, resource, ids)
        return
    id_ = logical_id(resource)
    if id_ in template.resources:
        raise UnmappedError(f"{template.origins[id_].name} has the same letters and digits")
    template.origins[id_] = resource
    properties = _with_functions(properties_of(mapping.names, resource.inputs), ids)
    template.resources[id_] = {"Type": mapping.type, "Properties": properties}
    if resource.inputs.get("publish"):
        for suffix, (type_, forms) in mapping.published.items():
            template.origins[f"{id_}{suffix}"] = resource
            published = {
                name: _as_function(form.replace("%", id_), ids) for name, form in forms.items()
            }
            template.resources[f"{id_}{suffix}"] = {"Type": type_, "Properties": published}


def _add_to_owner(
    template: Template,
    mapping: PropertyMapping,
    resource: DeclaredResource,
    ids: Collection[str],
) -> None:
    owner = _owner(template, mapping, resource)
    others = {
        name: value for name, value in resource.inputs.items() if name not in mapping.owner_inputs
    }
    properties = _with_functions(properties_of(mapping.names, others), ids)
    more = {mapping.item_of: [properties]} if mapping.item_of else properties
    merge(owner["Properties"], more)


def _owner(template: Template, mapping: PropertyMapping, resource: DeclaredResource) -> Json:
    for id_, other in template.origins.items():
        values = {**other.inputs, "id": f"${{{id_}}}"}
        if other.type == mapping.owner and all(
            resource.inputs.get(name) == values.get(of_owner)
            for name, of_owner in mapping.owner_inputs.items()
        ):
            return template.resources[id_]
    raise UnmappedError(f"no {mapping.owner} has its {', '.join(mapping.owner_inputs)}")


def _reference_outputs(resource: DeclaredResource) -> tuple[str, dict[str, Any]]:
    """Id and outputs as references; an output that the table does not name stays unknown."""
    mapping, id_ = TABLE.get(resource.type), logical_id(resource)
    outputs = {"id": f"${{{id_}}}"}
    if isinstance(mapping, ResourceMapping):
        outputs |= {name: form.replace("%", id_) for name, form in mapping.outputs.items()}
    return outputs.pop("id"), outputs


def _unknown_paths(value: Any, path: str) -> Iterator[str]:
    inner: Any = value
    if isinstance(value, Unknown):
        yield path
    elif isinstance(value, dict):
        for name, each in inner.items():
            yield from _unknown_paths(each, f"{path}.{name}".removeprefix("."))
    elif isinstance(value, list):
        for each in inner:
            yield from _unknown_paths(each, path)


def _with_functions(value: Any, ids: Collection[str]) -> Any:
    """The value, with each text that holds references as an intrinsic function."""
    if isinstance(value, dict):
        return {name: _with_functions(each, ids) for name, each in cast("Json", value).items()}
    if isinstance(value, list):
        return [_with_functions(each, ids) for each in cast("list[Any]", value)]
    return _as_function(value, ids) if isinstance(value, str) else value


def _as_function(text: str, ids: Collection[str]) -> Any:
    found = [m for m in _REFERENCE.finditer(text) if _is_known(m[1], ids)]
    if not found:
        return text
    if found[0][0] == text:
        name, attribute = found[0].groups()
        return {"Fn::GetAtt": [name, attribute]} if attribute else {"Ref": name}
    # Other ${}, such as those in a dashboard's labels, are escaped.
    return {"Fn::Sub": _BRACES.sub(lambda m: m[0] if _is_known(m[1], ids) else "${!", text)}


def _is_known(name: str, ids: Collection[str]) -> bool:
    return name in ids or name.startswith("AWS::")

"""One template a stack: what the program declares, with its references as CloudFormation has them.

The program is evaluated as in a preview, but its resources answer with texts for `Fn::Sub` instead
of with values that nobody knows: an input that is made of an output then says so itself.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from pulumi.output import Unknown

from checks.cloudformation.mapping import Json, Part, Shape, merge, translated
from checks.cloudformation.table import TABLE
from declared.program import ROOT, DeclaredResource, evaluate

_REFERENCE = re.compile(r"\$\{(AWS::\w+|\w+)(?:\.([\w.]+))?\}")
_BRACES = re.compile(r"\$\{(?=([\w:]*))")


@dataclass
class Template:
    """A stack as CloudFormation would be given it.

    resources: by logical id. origins: by logical id, what each was made of.
    untold: what the table has no words for, and why.
    """

    resources: dict[str, Json] = field(default_factory=dict[str, Json])
    origins: dict[str, DeclaredResource] = field(default_factory=dict[str, DeclaredResource])
    untold: list[tuple[DeclaredResource, str]] = field(
        default_factory=list[tuple[DeclaredResource, str]]
    )


class NoWordsError(Exception):
    """The table does not say how to say it."""


def declared(
    stack: str,
    config: Mapping[str, str],
    folder: Path = ROOT,
    references: Mapping[str, Mapping[str, Any]] | None = None,
) -> tuple[DeclaredResource, ...]:
    """What a stack of a program declares, outputs as references; the rest is as for evaluate."""
    program = evaluate(
        stack,
        config,
        provision=_as_references,
        preview=True,
        folder=folder,
        references=references,
    )
    return program.resources


def template(resources: Sequence[DeclaredResource]) -> Template:
    """The template for these resources."""
    made = Template()
    ids = {name for each in resources for name in _logical_ids(each)}
    for resource in sorted(resources, key=_is_part):
        try:
            _add(made, resource, ids)
        except NoWordsError as problem:
            made.untold.append((resource, str(problem)))
        except Exception as problem:  # an input that is not of the form that the table expects
            made.untold.append((resource, f"{type(problem).__name__}: {problem}"))
    return made


def logical_id(resource: DeclaredResource) -> str:
    """The letters and digits of its name in the program."""
    words = re.findall(r"[A-Za-z0-9]+", resource.name)
    return "".join(word[:1].upper() + word[1:] for word in words)


def _logical_ids(resource: DeclaredResource) -> Iterator[str]:
    shape = TABLE.get(resource.type)
    yield logical_id(resource)
    if isinstance(shape, Shape):
        yield from (f"{logical_id(resource)}{suffix}" for suffix in shape.besides)


def _is_part(resource: DeclaredResource) -> bool:
    return isinstance(TABLE.get(resource.type), Part)


def _add(made: Template, resource: DeclaredResource, ids: Collection[str]) -> None:
    shape = TABLE.get(resource.type)
    if shape is None:
        raise NoWordsError(f"the table has no {resource.type}")
    if unknown := next(_unknown(resource.inputs, ""), None):
        raise NoWordsError(f"{unknown} is made of an output that the table does not name")
    if isinstance(shape, Part):
        whole = _whole(made, shape, resource)
        others = {name: value for name, value in resource.inputs.items() if name not in shape.by}
        part = _linked(translated(shape.names, others), ids)
        merge(whole["Properties"], {shape.item_of: [part]} if shape.item_of else part)
        return
    id_ = logical_id(resource)
    if id_ in made.resources:
        raise NoWordsError(f"{made.origins[id_].name} has the same letters and digits")
    made.origins[id_] = resource
    properties = _linked(translated(shape.names, resource.inputs), ids)
    made.resources[id_] = {"Type": shape.type, "Properties": properties}
    if resource.inputs.get("publish"):
        for suffix, (type_, forms) in shape.besides.items():
            made.origins[f"{id_}{suffix}"] = resource
            besides = {name: _link(form.replace("%", id_), ids) for name, form in forms.items()}
            made.resources[f"{id_}{suffix}"] = {"Type": type_, "Properties": besides}


def _whole(made: Template, part: Part, resource: DeclaredResource) -> Json:
    for id_, other in made.origins.items():
        values = {**other.inputs, "id": f"${{{id_}}}"}
        if other.type == part.of and all(
            resource.inputs.get(ours) == values.get(theirs) for ours, theirs in part.by.items()
        ):
            return made.resources[id_]
    raise NoWordsError(f"no {part.of} has its {', '.join(part.by)}")


def _as_references(resource: DeclaredResource) -> tuple[str, dict[str, Any]]:
    """Outputs as CloudFormation knows them; those that the table does not name stay unknown."""
    shape, id_ = TABLE.get(resource.type), logical_id(resource)
    outputs = {"id": f"${{{id_}}}"}
    if isinstance(shape, Shape):
        outputs |= {name: form.replace("%", id_) for name, form in shape.outputs.items()}
    return outputs.pop("id"), outputs


def _unknown(value: Any, path: str) -> Iterator[str]:
    inner: Any = value
    if isinstance(value, Unknown):
        yield path
    elif isinstance(value, dict):
        for name, each in inner.items():
            yield from _unknown(each, f"{path}.{name}".removeprefix("."))
    elif isinstance(value, list):
        for each in inner:
            yield from _unknown(each, path)


def _linked(value: Any, ids: Collection[str]) -> Any:
    """Texts that hold references become functions."""
    if isinstance(value, dict):
        return {name: _linked(each, ids) for name, each in cast("Json", value).items()}
    if isinstance(value, list):
        return [_linked(each, ids) for each in cast("list[Any]", value)]
    return _link(value, ids) if isinstance(value, str) else value


def _link(text: str, ids: Collection[str]) -> Any:
    found = [m for m in _REFERENCE.finditer(text) if _is_known(m[1], ids)]
    if not found:
        return text
    if found[0][0] == text:
        name, attribute = found[0].groups()
        return {"Fn::GetAtt": [name, attribute]} if attribute else {"Ref": name}
    # a dashboard's labels have ${} of their own
    return {"Fn::Sub": _BRACES.sub(lambda m: m[0] if _is_known(m[1], ids) else "${!", text)}


def _is_known(name: str, ids: Collection[str]) -> bool:
    return name in ids or name.startswith("AWS::")

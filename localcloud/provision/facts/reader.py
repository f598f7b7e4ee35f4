"""Reads the facts of a type; each file of `types/` is read once, when one of its types is asked."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import TypeAdapter, ValidationError

from localcloud.provision.facts.model import TypeFacts

FOLDER = Path(__file__).parent / "types"
_FILE = TypeAdapter(dict[str, TypeFacts])


class FactsError(Exception):
    """A file of facts is malformed; the text names the file and what is wrong."""


@cache
def facts_of(type_: str) -> TypeFacts | None:
    """What is known of a type, by Pulumi's token; None of one that has no facts."""
    path = FOLDER / f"{_module(type_)}.yaml"
    return read_facts(path).get(type_) if path.is_file() else None


def all_types() -> list[str]:
    """Every type that has facts."""
    return [type_ for path in sorted(FOLDER.glob("*.yaml")) for type_ in read_facts(path)]


@cache
def read_facts(path: Path) -> dict[str, TypeFacts]:
    """What a file holds; names that begin with `_` are YAML's anchors. Raises FactsError."""
    try:
        # libyaml's parser, where PyYAML has it, takes a fifth of the time
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        held: Any = yaml.load(path.read_text(), loader)  # noqa: S506 - both are safe ones
        types = {name: value for name, value in held.items() if not name.startswith("_")}
        found = _FILE.validate_python(types)
    except (yaml.YAMLError, AttributeError) as error:
        raise FactsError(f"{path.name}: {error}") from error
    except ValidationError as error:
        problems = [f"{_where(each['loc'])}: {each['msg']}" for each in error.errors()]
        raise FactsError(f"{path.name}: " + "; ".join(problems)) from error
    if strays := [type_ for type_ in found if _module(type_) != path.stem]:
        raise FactsError(f"{path.name}: {', '.join(strays)} is of another file")
    return found


def _module(type_: str) -> str:
    """`lambda` of `aws:lambda/function:Function`."""
    return type_.partition(":")[2].partition("/")[0]


def _where(location: tuple[str | int, ...]) -> str:
    return ".".join(map(str, location))

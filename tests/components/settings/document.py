"""Writes docs/settings.md, the reference of all settings, from their model.

python -m tests.components.settings.document

Name, default and what is allowed are the model's own. What a change edits is read from
docs/deployments.md, which is computed from the program. What a setting means is in meanings.yaml.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from components.settings import ENVIRONMENT_VARIABLES, Settings, key
from declared.program import ROOT

DOCUMENT = ROOT / "docs" / "settings.md"
MEANINGS = Path(__file__).parent / "meanings.yaml"

_SCHEMA: Mapping[str, Any] = Settings.model_json_schema(by_alias=True)
_BY_ALIAS = {str(field.alias): name for name, field in Settings.model_fields.items()}
_LIMITS = {
    "minimum": "from {}",
    "exclusiveMinimum": "above {}",
    "maximum": "to {}",
    "exclusiveMaximum": "below {}",
    "multipleOf": "by {}",
    "minItems": "at least {}",
    "maxItems": "at most {}",
}

_HEAD = """\
# Settings

<!-- Written by `python -m tests.components.settings.document`; a test compares it -->

All settings of a stack, from their model (`components/settings`). Set one in `Pulumi.STACK.yaml`,
or by `pulumi config set --stack STACK --path goal-mandala:NAME VALUE`, then `pulumi up`. A value
that is not allowed is refused with the reason, before anything is changed.

- *variable* overrides the setting at `pulumi up`.
- *answers*: the sections of the [operations guide](operations-guide.md) that turn it.
- *edits*: what a change does to prod's resources ([deployments.md](deployments.md) has them all).

設定の一覧です。「何か」以外の列はモデルとプログラムから作られます。
*answers* は[運用ガイド](operations-guide.ja.md)の節です。

| setting | what it is | 何か | default | allowed | variable | answers | edits |
|---|---|---|---|---|---|---|---|"""


@dataclass(frozen=True)
class Setting:
    """One value. path: its name below the project's. schema: its JSON schema."""

    path: str
    schema: Mapping[str, Any]
    default: Any
    required: bool

    @property
    def name(self) -> str:
        """The name in the configuration."""
        top, _, rest = self.path.partition(".")
        full = key(_BY_ALIAS[top])
        return f"{full}.{rest}" if rest else full


def settings() -> Iterator[Setting]:
    """Every value, in the order of the model."""
    yield from _values(_SCHEMA, "", Settings.model_construct().model_dump(by_alias=True))


def _values(
    section: Mapping[str, Any], prefix: str, defaults: Mapping[str, Any]
) -> Iterator[Setting]:
    for name, given in section["properties"].items():
        schema = _plain(given)
        default = defaults.get(name)
        if "properties" in schema:
            yield from _values(schema, f"{prefix}{name}.", default or {})
        else:
            required = name in section.get("required", ())
            yield Setting(f"{prefix}{name}", schema, default, required)


def _plain(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema without references and without the alternative null."""
    if "anyOf" in schema:
        (one,) = (each for each in schema["anyOf"] if each.get("type") != "null")
        return _plain(one)
    if "$ref" in schema:
        return _plain(_SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]])
    return schema


@cache
def meanings() -> Mapping[str, Mapping[str, Any]]:
    """Path -> what meanings.yaml holds about it."""
    return yaml.safe_load(MEANINGS.read_text(encoding="utf-8"))


def allowed(setting: Setting) -> str:
    """What the setting takes, in words."""
    if form := meanings()[setting.path].get("form"):
        return form
    schema = setting.schema
    item = _plain(schema["items"]) if "items" in schema else schema
    if choice := item.get("enum") or item.get("const"):
        words = ", ".join(str(each) for each in choice)
    elif item.get("additionalProperties"):
        words = "`{name: version}`"
    else:
        words = str(item["type"])
    limits = [text.format(schema[name]) for name, text in _LIMITS.items() if name in schema]
    return " ".join([*(["list of"] if "items" in schema else []), words, *limits])


def _default(setting: Setting) -> str:
    if setting.required:
        return "required"
    value = setting.default
    return "-" if value is None else f"`{value if isinstance(value, str) else json.dumps(value)}`"


def _edits(path: str) -> str:
    if path in ("environment", "accountId", "region"):
        return "another stack"
    return changes().get(path) or changes().get(path.partition(".")[0]) or "-"


@cache
def changes() -> Mapping[str, str]:
    """Path -> what a change of it does in prod, from docs/deployments.md."""
    text = (ROOT / "docs" / "deployments.md").read_text(encoding="utf-8")
    table = text.partition("\n## prod\n")[2]
    header, *rows = [line for line in table.splitlines() if line.startswith("| ")]
    verbs = [cell.strip() for cell in header.split("|")[2:-1]]
    found = dict[str, str]()
    for row in rows:
        name, *cells = (cell.strip() for cell in row.split("|")[1:-1])
        done = [f"{verb} {cell}" for verb, cell in zip(verbs, cells, strict=True) if cell != "-"]
        for path in re.sub(r"`| \(none\)", "", name).split(", "):
            found.setdefault(path, "; ".join(done))
    return found


def document() -> str:
    """The text of the document."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield _HEAD
    for each in settings():
        meaning = meanings()[each.path]
        variable = ENVIRONMENT_VARIABLES.get(_BY_ALIAS.get(each.path, ""))
        cells = (
            f"`{each.name}`",
            meaning["en"],
            meaning["ja"],
            _default(each),
            allowed(each),
            f"`{variable}`" if variable else "-",
            ", ".join(str(section) for section in meaning.get("answers", [])) or "-",
            _edits(each.path),
        )
        yield f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")

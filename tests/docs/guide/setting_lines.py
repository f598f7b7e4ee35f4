"""Lines of `pulumi config set`, applied to the texts of a configuration as Pulumi keeps them."""

import json
import re
import shlex
from collections.abc import Iterable, Mapping
from typing import Any

from components.settings import Settings, key, parse

_FIELDS = {key(field): field for field in Settings.model_fields}
_LINE = ["pulumi", "config", "set", "--stack", "$STACK"]


def apply(texts: Mapping[str, str], commands: Iterable[str]) -> Settings:
    """The settings after these lines. texts: by field.

    Raises SettingsError if the stack refuses them, AssertionError for a line that is none of these.
    """
    changed = dict(texts)
    for command in commands:
        words = shlex.split(command)
        assert words[:5] == _LINE, f"{command}: not a line of `pulumi config set`"
        *options, path, value = words[5:]
        name, _, rest = path.partition(".")
        name, bracket, _ = name.partition("[")
        field = _FIELDS[name]
        assert (options == ["--path"]) == bool(rest or bracket), f"{command}: --path for a part"
        if bracket:
            changed[field] = json.dumps([value])
        elif rest:
            section: dict[str, Any] = json.loads(changed.get(field, "{}"))
            changed[field] = json.dumps({**section, rest: _value(value)})
        else:
            changed[field] = value
    return parse(changed, {})


def _value(text: str) -> Any:
    """Pulumi stores numbers and booleans below a path as such."""
    return json.loads(text) if re.fullmatch(r"-?\d+(\.\d+)?|true|false", text) else text

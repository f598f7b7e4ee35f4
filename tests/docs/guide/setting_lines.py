"""Lines of `pulumi config set`, applied to a configuration as Pulumi keeps it."""

import json
import re
import shlex
from collections.abc import Iterable, Mapping
from typing import Any

from declared.program import PROJECT

_LINE = ["pulumi", "config", "set", "--stack", "$STACK"]


def changed(config: Mapping[str, str], commands: Iterable[str]) -> dict[str, str]:
    """The configuration after these lines: name without the project -> text.

    Raises AssertionError for a line that is none of these.
    """
    result = dict(config)
    for command in commands:
        words = shlex.split(command)
        assert words[:5] == _LINE, f"{command}: not a line of `pulumi config set`"
        *options, path, value = words[5:]
        project, _, path = path.partition(":")
        assert project == PROJECT, f"{command}: the project is {PROJECT}"
        name, dot, part = path.partition(".")
        name, bracket, _ = name.partition("[")
        assert (options == ["--path"]) == bool(dot or bracket), f"{command}: --path for a part"
        if bracket:
            result[name] = json.dumps([value])
        elif dot:
            section: dict[str, Any] = json.loads(result.get(name, "{}"))
            result[name] = json.dumps({**section, part: _value(value)})
        else:
            result[name] = value
    return result


def _value(text: str) -> Any:
    """Pulumi stores numbers and booleans below a path as such."""
    return json.loads(text) if re.fullmatch(r"-?\d+(\.\d+)?|true|false", text) else text

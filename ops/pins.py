"""Pins: the versions that a rollback fixes in a stack's configuration (the setting `pins`).

Without one the next `pulumi up` moves `live` to the newest version again.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from declared.program import PROJECT, ROOT, stack_config
from ops.problems import OperatorError

SETTING = f"{PROJECT}:pins"
_LINE = re.compile(rf"^  {SETTING}:.*\n?", re.MULTILINE)


def pins_of(stack: str, folder: Path = ROOT) -> dict[str, int]:
    """Function name or `state-machine` -> version; of the stack's file."""
    return json.loads(stack_config(stack, folder).get(SETTING, "{}"))


def write_pins(stack: str, pins: Mapping[str, int], folder: Path = ROOT) -> Path:
    """Put the pins into the stack's file, in one line, and leave the rest as it is; the file.

    Raises OperatorError, with the line to put in by hand, if the file is laid out otherwise.
    """
    file = folder / f"Pulumi.{stack}.yaml"
    text = file.read_text(encoding="utf-8")
    values = ", ".join(f"{name}: {version}" for name, version in sorted(pins.items()))
    line = f"  {SETTING}: {{ {values} }}\n" if pins else ""
    rest = _LINE.sub("", text)
    changed = rest.replace("config:\n", f"config:\n{line}", 1)
    wanted = {**_config(rest), **({SETTING: dict(pins)} if pins else {})}
    if _config(changed) != wanted:
        raise OperatorError(f"{file.name} is laid out otherwise: put under config: {line.strip()}")
    file.write_text(changed, encoding="utf-8")
    return file


def _config(text: str) -> dict[str, Any]:
    return yaml.safe_load(text).get("config") or {}

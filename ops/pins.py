"""Pins: the versions that a rollback fixes in a stack's configuration (the setting `pins`).

Without one the next `pulumi up` moves `live` to the newest version again.
"""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from declared.program import PROJECT, ROOT, stack_config
from ops.problems import OperatorError
from ops.rollback.plan import Move
from ops.stack import LOCAL

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


def pin_moves(stack: str, planned: Sequence[Move]) -> str:
    """Pin the versions that moves lead to, unless they are the newest; what was done, in words."""
    if stack == LOCAL:
        return "Not pinned: the local stack lives until `make down`, and no deployment changes it."
    before = pins_of(stack)
    kept = {name: at for name, at in before.items() if name not in {m.name for m in planned}}
    pins = {**kept, **{move.name: move.new for move in planned if not move.is_newest}}
    if pins == before:
        return f"Pinned as before: {_words(pins)}."
    file = write_pins(stack, pins)
    return f"{file.name}: {_words(pins)}. Commit it: without it the next deployment undoes this."


def _words(pins: dict[str, int]) -> str:
    return (
        "pins " + ", ".join(f"{name} {at}" for name, at in sorted(pins.items()))
        if pins
        else "no pin"
    )


def _config(text: str) -> dict[str, Any]:
    return yaml.safe_load(text).get("config") or {}

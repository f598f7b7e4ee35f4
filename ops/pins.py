"""Pins: the versions that a rollback has fixed in a stack's configuration (the setting `pins`)."""

import json

from declared.program import PROJECT, stack_config

SETTING = f"{PROJECT}:pins"


def pins_of(stack: str) -> dict[str, int]:
    """Function name or `state-machine` -> version; of the stack's file."""
    return json.loads(stack_config(stack).get(SETTING, "{}"))

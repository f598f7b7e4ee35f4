"""Which fields a state of a definition gets and hands on, as far as its JSONata shows them."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

_HOLDER = re.compile(r"\$states\.(input|result|errorOutput)")
_MERGED = re.compile(r"\$merge\(\[\$states\.(input|result),\s*\{(.*)\}\]\)", re.DOTALL)
_FIELD = re.compile(r"""['"](\w+)['"]\s*:\s*([^,}]*)""")
_READ = re.compile(r"\$states\.(input|result|errorOutput)\.(\w+)")
_OF_INPUT = "$states.context.Execution.Input."
"""What the execution may have been started without."""


@dataclass(frozen=True)
class Fields:
    """The fields of an object.

    always: those that it has. maybe: those that it may have. is_open: others are not known.
    """

    always: frozenset[str] = frozenset()
    maybe: frozenset[str] = frozenset()
    is_open: bool = False

    def may_have(self, name: str) -> bool:
        """Whether the object may have a field."""
        return self.is_open or name in self.always | self.maybe

    def has(self, name: str) -> bool:
        """Whether it has a field, or may have any."""
        return self.is_open or name in self.always


ANYTHING = Fields(is_open=True)
NO_OBJECT = Fields()
"""A list, an id or a number: it has no fields."""
ERROR = Fields(frozenset({"Error", "Cause"}))
"""What a catcher without Output hands on."""

Scope = Mapping[str, Fields]
"""input, result and errorOutput, where a state has them -> their fields."""


def evaluated(value: Any, scope: Scope) -> Fields:
    """The fields of what a value of Arguments, ItemSelector or Output evaluates to."""
    if isinstance(value, dict):
        return Fields(frozenset(cast("dict[str, Any]", value)))
    if not isinstance(value, str):
        return ANYTHING
    expression = value.strip().removeprefix("{%").removesuffix("%}").strip()
    if found := _HOLDER.fullmatch(expression):
        return scope.get(found[1], ANYTHING)
    if found := _MERGED.fullmatch(expression):
        first = scope.get(found[1], ANYTHING)
        added = [(name, _OF_INPUT in given) for name, given in _FIELD.findall(found[2])]
        return Fields(
            first.always | {name for name, is_optional in added if not is_optional},
            first.maybe | {name for name, is_optional in added if is_optional},
            first.is_open,
        )
    return ANYTHING


def read_in_vain(value: Any, scope: Scope) -> Iterator[str]:
    """The fields that a value reads, as `input.name`, and that cannot be there."""
    text = value if isinstance(value, str) else json.dumps(value)
    for holder, name in dict.fromkeys(_READ.findall(text)):
        if holder in scope and not scope[holder].may_have(name):
            yield f"{holder}.{name}"

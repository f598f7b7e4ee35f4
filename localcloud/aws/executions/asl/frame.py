"""What the states of one line can see: the context object and the variables in reach."""

from collections import ChainMap
from dataclasses import dataclass, field
from typing import Any

from localcloud.aws.ministack import Json

JSONATA = "JSONata"


@dataclass
class Frame:
    """One line of states: the machine's, a branch's or an iteration's.

    execution: MiniStack's record of it.
    context: the context object, `$$` or `$states.context`.
    language: of the whole machine; a state may choose JSONata for itself.
    variables: this line's own first, then those of the lines around it, which it may only read.
    assigned: what the present state has assigned so far; visible once the state has ended.
    entered: the id of the event that entered the present state. came_from: of the one before.
    """

    execution: Json
    context: Json
    language: str
    variables: ChainMap[str, Any] = field(default_factory=ChainMap[str, Any])
    assigned: Json = field(default_factory=Json)
    entered: int = 0
    came_from: int = 0

    def inner(self, **context: Any) -> "Frame":
        """The frame of a branch or an iteration, with more in its context object."""
        more = {**self.context, **context}
        return Frame(self.execution, more, self.language, self.variables.new_child())

    def is_jsonata(self, state: Json) -> bool:
        """Whether a state's fields are JSONata; its own choice goes before the machine's."""
        return state.get("QueryLanguage", self.language) == JSONATA

"""The state machine's definition, read."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from policies.resource_graph import Resource


@dataclass(frozen=True)
class State:
    """One state, wherever it is nested.

    at_once: how many of it may run at once, by the Maps around it.
    """

    name: str
    body: dict[str, Any]
    at_once: int = 1

    @property
    def type(self) -> str:
        """Task, Map, ..."""
        return str(self.body["Type"])

    @property
    def target(self) -> str:
        """What a task calls: its own ARN, or the one that it gives the integration."""
        resource = str(self.body.get("Resource", ""))
        if resource.startswith("arn:aws:states:::lambda:invoke"):
            arguments: Any = self.body.get("Arguments") or self.body.get("Parameters") or {}
            return str(arguments.get("FunctionName", ""))
        return resource


def definition(machine: Resource) -> dict[str, Any]:
    """The whole definition."""
    text = machine.props["definition"]
    return json.loads(text)


def states(machine: Resource) -> Iterator[State]:
    """Every state of the machine."""
    return states_of(definition(machine))


def states_of(definition: dict[str, Any]) -> Iterator[State]:
    """Every state of a definition."""
    return _within(definition["States"], 1)


def tasks(machine: Resource) -> Iterator[State]:
    """Every task of the machine."""
    return (state for state in states(machine) if state.type == "Task")


def _within(bodies: dict[str, dict[str, Any]], at_once: int) -> Iterator[State]:
    for name, body in bodies.items():
        yield State(name, body, at_once)
        for processor in (body.get("ItemProcessor"), body.get("Iterator")):
            if processor:
                each: Any = body.get("MaxConcurrency")
                inner = at_once * (each if isinstance(each, int) and each else 1)
                yield from _within(processor["States"], inner)
        for branch in body.get("Branches", ()):
            yield from _within(branch["States"], at_once)

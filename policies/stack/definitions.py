"""State machine definitions (Amazon States Language): all their states, nested ones included."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from policies.stack.resource_graph import Resource


@dataclass(frozen=True)
class State:
    """One state, at any depth.

    concurrency: how many of it may run at once, by the MaxConcurrency of the Maps around it.
    """

    name: str
    body: dict[str, Any]
    concurrency: int = 1

    @property
    def type(self) -> str:
        """Task, Map, ..."""
        return str(self.body["Type"])

    @property
    def target(self) -> str:
        """What a Task calls: its Resource, or the function that it passes to `lambda:invoke`."""
        resource = str(self.body.get("Resource", ""))
        if resource.startswith("arn:aws:states:::lambda:invoke"):
            arguments: Any = self.body.get("Arguments") or self.body.get("Parameters") or {}
            return str(arguments.get("FunctionName", ""))
        return resource

    @property
    def action(self) -> str:
        """The IAM action that a Task needs, such as lambda:InvokeFunction."""
        found = re.fullmatch(r"arn:aws:states:::(?:aws-sdk:)?(\w+):(\w+)(?:\.\w+)?", self.target)
        if not found:
            return "lambda:InvokeFunction"
        service, action = found.groups()
        return f"{service}:{action[0].upper()}{action[1:]}"


def definition(machine: Resource) -> dict[str, Any]:
    """The parsed definition of a state machine."""
    text = machine.props["definition"]
    return json.loads(text)


def states(machine: Resource) -> Iterator[State]:
    """Every state of a state machine."""
    return states_of(definition(machine))


def states_of(definition: dict[str, Any]) -> Iterator[State]:
    """Every state of a parsed definition."""
    return _states(definition["States"], 1)


def tasks(machine: Resource) -> Iterator[State]:
    """Every Task of a state machine."""
    return (state for state in states(machine) if state.type == "Task")


def _states(bodies: dict[str, dict[str, Any]], concurrency: int) -> Iterator[State]:
    for name, body in bodies.items():
        yield State(name, body, concurrency)
        for processor in (body.get("ItemProcessor"), body.get("Iterator")):
            if processor:
                limit: Any = body.get("MaxConcurrency")
                inner = concurrency * (limit if isinstance(limit, int) and limit else 1)
                yield from _states(processor["States"], inner)
        for branch in body.get("Branches", ()):
            yield from _states(branch["States"], concurrency)

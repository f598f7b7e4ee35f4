"""State machine definitions: LocalStack's parser (in moto), and every JSONata expression."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from jsonata.jexception import JException
from jsonata.jsonata import Jsonata

from checks.linters.findings import Finding
from declared.resources import DeclaredResource
from localcloud.aws.executions.definitions import problem
from policies.stack import resource_types
from policies.stack.definitions import State, states_of
from policies.stack.resource_graph import strings

LINTER = "definition"

_frame: Any = Jsonata.static_frame
_FUNCTIONS: set[str] = (set(_frame.bindings) - {"eval"}) | {
    "hash",
    "parse",
    "partition",
    "random",
    "range",
    "uuid",
}
"""JSONata's functions except $eval, and those that Step Functions adds (its Developer Guide:
Transforming data with JSONata)."""

_CHILDREN = frozenset({"Branches", "ItemProcessor", "Iterator"})
_WITH_RESULT = frozenset({"Task", "Parallel", "Map"})


def findings(resources: Iterable[DeclaredResource]) -> Iterator[Finding]:
    """What the parser refuses, and expressions that cannot be evaluated."""
    for resource in resources:
        if resource.type == resource_types.MACHINE:
            for where, rule, message in _problems(resource.inputs.get("definition")):
                yield Finding(LINTER, rule, resource.type, resource.name, where, message)


def _problems(text: Any) -> Iterator[tuple[str, str, str]]:
    """(path, rule, message) of each problem."""
    if not isinstance(text, str):
        yield "", "engine", "it has no definition that can be read"
        return
    if invalid := problem(text):
        yield "", "engine", invalid
        return
    definition = json.loads(text)
    if definition.get("QueryLanguage") == "JSONata":
        for state in states_of(definition):
            yield from _problems_in_state(state)


def _problems_in_state(state: State) -> Iterator[tuple[str, str, str]]:
    body: dict[str, Any] = {k: v for k, v in state.body.items() if k not in _CHILDREN}
    for path, text in strings(body):
        where = f"{state.name}.{path}"
        if not (text.startswith("{%") and text.endswith("%}")):
            if "{%" in text or "%}" in text:
                yield where, "half-expression", f"{text}: {{% and %}} must enclose the whole string"
            continue
        expression = text[2:-2]
        try:
            Jsonata(expression)
        except JException as error:
            yield where, "expression", f"{expression.strip()}: {error}"
            continue
        assigned = set(re.findall(r"\$(\w+)\s*:=", expression))
        for function in re.findall(r"\$(\w+)\s*\(", expression):
            if function not in _FUNCTIONS | assigned:
                yield where, "function", f"Step Functions has no ${function}"
        for field in set(re.findall(r"\$states\.(\w+)", expression)):
            if field not in _fields_of_states(state, path):
                yield where, "states", f"$states has no {field} here"


def _fields_of_states(state: State, path: str) -> set[str]:
    """The fields of $states at a path (Developer Guide: the reserved variable $states)."""
    fields = {"input", "context"}
    top, *_ = path.split(".")
    if top in ("Assign", "Output") and state.type in _WITH_RESULT:
        fields.add("result")
    if top == "Catch":
        fields.add("errorOutput")
    return fields

"""State machines: the parser of an engine (LocalStack's, in moto), and their JSONata."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from jsonata.jexception import JException
from jsonata.jsonata import Jsonata

from checks.cloudformation.finding import Finding
from declared.program import DeclaredResource
from localcloud.aws.executions.definitions import problem
from policies import resource_types
from policies.definitions import State, states_of
from policies.resource_graph import strings

JUDGE = "definition"

_frame: Any = Jsonata.static_frame
_FUNCTIONS: set[str] = (set(_frame.bindings) - {"eval"}) | {
    *("hash", "parse", "partition", "random", "range", "uuid")
}
"""JSONata's but $eval, and what Step Functions adds (its Developer Guide: Transforming data with
JSONata)."""

_CHILDREN = frozenset({"Branches", "ItemProcessor", "Iterator"})
_WITH_RESULT = frozenset({"Task", "Parallel", "Map"})


def findings(resources: Iterable[DeclaredResource]) -> Iterator[Finding]:
    """What an engine would refuse, and expressions that could not be evaluated."""
    for resource in resources:
        if resource.type == resource_types.MACHINE:
            for where, rule, message in _objections(resource.inputs.get("definition")):
                yield Finding(JUDGE, rule, resource.type, resource.name, where, message)


def _objections(text: Any) -> Iterator[tuple[str, str, str]]:
    if not isinstance(text, str):
        yield "", "engine", "it has no definition that can be read"
        return
    if invalid := problem(text):
        yield "", "engine", invalid
        return
    definition = json.loads(text)
    if definition.get("QueryLanguage") == "JSONata":
        for state in states_of(definition):
            yield from _in_state(state)


def _in_state(state: State) -> Iterator[tuple[str, str, str]]:
    body: dict[str, Any] = {k: v for k, v in state.body.items() if k not in _CHILDREN}
    for path, text in strings(body):
        where = f"{state.name}.{path}"
        if not (text.startswith("{%") and text.endswith("%}")):
            if "{%" in text or "%}" in text:
                yield where, "half-expression", f"{text}: {{% and %}} enclose all of it or none"
            continue
        expression = text[2:-2]
        try:
            Jsonata(expression)
        except JException as error:
            yield where, "expression", f"{expression.strip()}: {error}"
            continue
        bound = set(re.findall(r"\$(\w+)\s*:=", expression))
        for function in re.findall(r"\$(\w+)\s*\(", expression):
            if function not in _FUNCTIONS | bound:
                yield where, "function", f"Step Functions has no ${function}"
        for known in set(re.findall(r"\$states\.(\w+)", expression)):
            if known not in _known_at(state, path):
                yield where, "states", f"$states.{known} is not there"


def _known_at(state: State, path: str) -> set[str]:
    """What $states has in a field (Developer Guide: the reserved variable $states)."""
    known = {"input", "context"}
    field, *_ = path.split(".")
    if field in ("Assign", "Output") and state.type in _WITH_RESULT:
        known.add("result")
    if field == "Catch":
        known.add("errorOutput")
    return known

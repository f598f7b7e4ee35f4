"""What AWS ran, put together from a recording.

The recorded definition is the file that LocalStack's test started from; the test filled it in and
masked what changes from run to run. What was filled in is taken from the history, where AWS shows
it, or from the test's parameters (localstack/localstack, tests/aws/services/stepfunctions/v2).
"""

import copy
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from tests.localcloud.aws.recorded.template_values import PUT_IN, Json

Place = tuple[str, ...]
"""Where something stands in a definition: its keys, from the outside in."""

_BLANK = re.compile(r"_+tb[cd]_+|%\w+_PLACEHOLDER%|arn:aws:lambda:your-region:.*", re.IGNORECASE)
_QUOTED = re.compile(r"The JSONata expression '(.*)' specified for the field '(\w+)'")
_TIMESTAMP = re.compile("date|timestamp|<timestamp>")
_SOME_FUNCTION = "arn:aws:lambda:<region>:111111111111:function:not-recorded"
_SOME_ACTIVITY = "arn:aws:states:<region>:111111111111:activity:deleted"
_LONG_AGO = "2016-03-14T01:59:00Z"


@dataclass(frozen=True)
class Completed:
    """A definition and an input that can be run.

    missing: what the recording does not say of them; empty if nothing.
    """

    definition: Json
    given: Any
    missing: str = ""


def completed(recording: Json) -> Completed:
    """What AWS ran, as far as its recording shows it."""
    definition = copy.deepcopy(recording["definition"])
    history: list[Json] = recording["history"]
    given = payload(details(history[0])["input"])
    _fill_from_parameter(definition, recording["id"])
    for place, state in list(states(definition)):
        _fill_from_history(definition, place, state, history)
    unknown = {details(event)["name"] for event in history if "StateEntered" in event["type"]}
    unknown -= {place[-1] for place, _ in states(definition)}
    blanks = [place for place, _ in _blanks(definition, ())]
    missing = ""
    if unknown:
        missing = f"the states {', '.join(sorted(unknown))}"
    elif blanks:
        missing = "/".join(blanks[0])
    return Completed(definition, _with_timestamps(given, recording), missing)


def states(machine: Json, place: Place = ()) -> Iterator[tuple[Place, Json]]:
    """Every state and where it stands, those of Maps and branches too."""
    for name, state in machine["States"].items():
        here = (*place, "States", name)
        yield here, state
        for key in ("ItemProcessor", "Iterator"):
            if key in state:
                yield from states(state[key], (*here, key))
        for number, branch in enumerate(state.get("Branches", [])):
            yield from states(branch, (*here, "Branches", str(number)))


def details(event: Json) -> Json:
    """An event's details."""
    found: Iterator[Json] = (event[key] for key in event if key.endswith("EventDetails"))
    return next(found, Json())


def payload(text: Any) -> Any:
    """A payload as a value; the recorder has parsed most of them already."""
    try:
        return json.loads(text) if isinstance(text, str) else text
    except ValueError:
        return text


def _fill_from_parameter(definition: Json, recording_id: str) -> None:
    test = re.fullmatch(r".*::(\w+)(?:\[(.*)\])?(?:#.*)?", recording_id)
    assert test is not None, recording_id
    name, parameter = test[1], test[2] or ""
    if name in PUT_IN:
        PUT_IN[name](definition, parameter)
    elif parameter.startswith("$"):
        # the test's path, in the place of the file's
        for place, text in list(_strings(definition, ())):
            if _BLANK.fullmatch(text) or text == "$.items[0]":
                _put(definition, place, parameter)


def _fill_from_history(definition: Json, place: Place, state: Json, history: list[Json]) -> None:
    name = place[-1]
    shown = _shown(name, history)
    if state["Type"] == "Task":
        state["Resource"] = _resource(state["Resource"], shown)
    for field in ("Parameters", "Arguments"):
        for inner, _ in list(_blanks(state.get(field, {}), ())):
            asked = [each["parameters"] for each in shown if "parameters" in each]
            found = {json.dumps(_at(payload(each), inner)) for each in asked}
            if not asked:
                _put(state[field], inner, _SOME_FUNCTION)
            elif len(found) == 1:
                _put(state[field], inner, json.loads(found.pop()))
    for catcher in state.get("Catch", []):
        errors = [each["error"] for each in shown if "error" in each]
        if not catcher["ErrorEquals"] and errors:
            catcher["ErrorEquals"] = [errors[-1]]
    for variable, value in state.get("Assign", {}).items():
        assigned = [each["assignedVariables"] for each in shown if "assignedVariables" in each]
        if assigned and isinstance(value, str) and _BLANK.fullmatch(value):
            state["Assign"][variable] = payload(assigned[0][variable])
    for each in shown:
        quoted = _QUOTED.search(str(each.get("cause", "")))
        if quoted and "location" in each and _is_blank(state.get(quoted[2])):
            state[quoted[2]] = f"{{% {quoted[1]} %}}"
    if _is_blank(state.get("Items")):
        state["Items"] = f"{{% {json.dumps(_items(name, history))} %}}"


def _shown(name: str, history: list[Json]) -> list[Json]:
    """The details of all events of a state, between those that enter and leave it."""
    found: list[Json] = []
    inside = False
    for event in history:
        shown = details(event)
        if shown.get("name", shown.get("state")) == name:
            inside = "StateExited" not in event["type"]
            found.append(shown)
        elif inside and "State" not in event["type"]:
            found.append(shown)
    return found


def _resource(resource: str, shown: list[Json]) -> str:
    functions = [each["resource"] for each in shown if ":function:" in each.get("resource", "")]
    if functions:
        return functions[0]
    if not _is_blank(resource):
        return resource
    causes = " ".join(str(each.get("cause", "")) for each in shown)
    return _SOME_ACTIVITY if "activity" in causes else _SOME_FUNCTION


def _items(name: str, history: list[Json]) -> list[Any]:
    """What the iterations of a Map got, if its processor begins with the item itself."""
    begun = [
        number
        for number, event in enumerate(history)
        if event["type"] == "MapIterationStarted" and details(event)["name"] == name
    ]
    return [payload(details(history[number + 1])["input"]) for number in begun]


def _with_timestamps(given: Any, recording: Json) -> Any:
    """The input with a timestamp in the place of each mask: of the kind that AWS's answer shows."""
    if not isinstance(given, dict):
        return given
    fields = cast("Json", given)
    last = details(recording["history"][-1])
    cause = str(last.get("cause", ""))
    stamp = _LONG_AGO
    if "too long" in cause:
        days = int(re.findall(r"\[(\d+)\]", recording["id"])[-1])
        stamp = (datetime.now(UTC) + timedelta(days=days)).isoformat()
    elif quoted := re.search(r"(?:== |format string: )(.*)$", cause):
        stamp = quoted[1].rpartition("== ")[2]
    return {
        name: stamp if isinstance(value, str) and _TIMESTAMP.fullmatch(value) else value
        for name, value in fields.items()
    }


def _is_blank(value: Any) -> bool:
    return isinstance(value, str) and _BLANK.fullmatch(value) is not None


def _blanks(value: Any, place: Place) -> Iterator[tuple[Place, str]]:
    return ((where, text) for where, text in _strings(value, place) if _BLANK.fullmatch(text))


def _strings(value: Any, place: Place) -> Iterator[tuple[Place, str]]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for key, inner in cast("Json", value).items():
            yield from _strings(inner, (*place, key))
    elif isinstance(value, list):
        for number, inner in enumerate(cast("list[Any]", value)):
            yield from _strings(inner, (*place, str(number)))


def _at(value: Any, place: Place) -> Any:
    if not place or value is None:
        return value
    first, *rest = place
    members: Any = value
    return _at(members[int(first)] if type(value) is list else members.get(first), tuple(rest))


def _put(value: Any, place: Place, new: Any) -> None:
    inner = _at(value, place[:-1])
    key: Any = int(place[-1]) if isinstance(inner, list) else place[-1]
    inner[key] = new

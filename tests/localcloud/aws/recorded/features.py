"""The features of the states language that a definition uses, by the names that AWS gives them."""

from collections.abc import Iterator
from typing import Any, cast

from tests.localcloud.aws.recorded.definitions import Json, states

_FIELDS = (
    *("Retry", "Catch", "Assign", "TimeoutSeconds", "TimeoutSecondsPath", "HeartbeatSeconds"),
    *("InputPath", "OutputPath", "ResultPath", "ResultSelector", "ItemsPath", "ItemSelector"),
    *("ItemReader", "ItemBatcher", "ResultWriter", "MaxConcurrencyPath", "Credentials"),
    *("ToleratedFailureCount", "ToleratedFailureCountPath", "ToleratedFailurePercentage"),
    *("ToleratedFailurePercentagePath", "Label"),
)


def features(definition: Json) -> set[str]:
    """Every feature that a definition uses."""
    found = {"TimeoutSeconds (machine)"} if "TimeoutSeconds" in definition else set[str]()
    for _, state in states(definition):
        language = state.get("QueryLanguage", definition.get("QueryLanguage", "JSONPath"))
        found |= {language, _kind(state), *(field for field in _FIELDS if field in state)}
        if any(text.startswith("States.") for text in _texts(state) if "(" in text):
            found.add("intrinsic functions")
    return found


def _kind(state: Json) -> str:
    if state["Type"] == "Map":
        processor: Json = state.get("ItemProcessor") or state["Iterator"]
        mode = processor.get("ProcessorConfig", {}).get("Mode", "INLINE")
        return f"Map ({mode.lower()})"
    if state["Type"] == "Task":
        resource: str = state["Resource"]
        if ":::" in resource:
            return f"Task ({resource.partition(':::')[2]})"
        return "Task (activity)" if ":activity:" in resource else "Task (Lambda ARN)"
    return state["Type"]


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for inner in cast("Json", value).values():
                yield from _texts(inner)
        case list():
            for inner in cast("list[Any]", value):
                yield from _texts(inner)
        case _:
            return

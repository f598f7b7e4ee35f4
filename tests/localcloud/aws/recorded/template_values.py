"""What LocalStack's tests put into a definition before they ran it, by the test's name."""

from collections.abc import Callable
from typing import Any

Json = dict[str, Any]


def _number_field(definition: Json, parameter: str) -> None:
    field = "".join(word.capitalize() for word in parameter.split("_"))
    items = field.startswith("Items")
    definition["States"]["Start"]["Items" if items else field] = (
        "{% [1,2,3] %}" if items else "{% 1 %}"
    )


def _field_from_input(definition: Json, parameter: str) -> None:
    field = "".join(word.capitalize() for word in parameter.split("_"))
    definition["States"]["Start"][field] = "{% $states.input.input_value %}"


def _output(definition: Json, parameter: str) -> None:
    rich: list[Any] = [None, 0, 0.1, True, "string", [], "$nosuchvar", "$.no.such.path"]
    outputs: Json = {
        "NULL": None,
        "INT": 0,
        "FLOAT": 0.1,
        "BOOL": True,
        "STR_LIT": "string literal",
        "JSONATA_EXPR": "{% $states.input %}",
        "LIST_EMPY": [],
        "LIST_RICH": [*rich, "{% $states.input %}", {"key": "{% true %}"}],
    }
    definition["States"]["State0"]["Output"] = outputs[parameter]


def _result(definition: Json, _: str) -> None:
    unsupported = {"unsupported1.$": "$.jsonpath", "unsupported2.$": "$$"}
    definition["States"]["State_1"]["Result"] = unsupported


def _selected(definition: Json, _: str) -> None:
    selector = definition["States"]["TestState"]["ResultSelector"]
    selector["ContextObjectValue.$"] = "$$.Execution.Input"


def _attributes(definition: Json, parameter: str) -> None:
    # recorded before the file got its third attribute, when the test had no parameters
    if not parameter:
        del definition["States"]["Publish"]["Parameters"]["MessageAttributes"]["Version"]


PUT_IN: dict[str, Callable[[Json, str], None]] = {
    "test_base_map": _number_field,
    "test_base_task": _number_field,
    "test_base_map_from_input": _field_from_input,
    "test_base_task_from_input": _field_from_input,
    "test_base_output_any_non_dict": _output,
    "test_state_pass_result_jsonpaths": _result,
    "test_result_selector": _selected,
    "test_publish_message_attributes": _attributes,
}
"""Each takes the definition and the test's parameter."""

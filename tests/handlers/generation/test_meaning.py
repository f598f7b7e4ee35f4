"""The tasks in an answer are read where they are certain; otherwise the model is asked again."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.generation.answer import Answer, read_tasks
from handlers.generation.coercion import Coercion
from handlers.generation.errors import InvalidAnswerError
from handlers.generation.rules import RULES
from handlers.storage.models import GeneratedTask
from tests.handlers.generation.answers import (
    GOOD,
    IN_DOUBT,
    IN_TEXT,
    READ,
    call,
    changed,
    tasks,
)
from tests.shared_inputs import shared_input

EXECUTION = RULES["EXECUTION"]


def read(content: Any, stop_reason: str = "tool_use") -> Answer:
    return read_tasks(stop_reason, content, EXECUTION)


def values(task: GeneratedTask) -> dict[str, Any]:
    """A task as the tool takes it."""
    return {
        "title": task.title,
        "description": task.description,
        "type": task.type,
        "estimatedMinutes": task.estimated_minutes,
    }


def clean_call(answer: Answer) -> list[dict[str, Any]]:
    """The clean answer that says the same."""
    return [call({"tasks": [values(task) for task in answer.tasks]})]


@pytest.mark.parametrize(("content", "coerced"), READ.values(), ids=READ.keys())
def test_a_certain_value_is_read_and_its_coercion_named(content: Any, coerced: set[str]) -> None:
    answer = read(content)
    meant = GOOD
    if coerced == {"CHARACTERS"}:
        meant = [{**task, "description": answer.tasks[0].description} for task in GOOD]
    assert [values(task) for task in answer.tasks] == meant
    assert coerced <= set(answer.coerced)


def test_every_coercion_is_named_by_some_kind() -> None:
    named = {name for _, coerced in READ.values() for name in coerced}
    assert named == set(Coercion) - {Coercion.CALL_MALFORMED}


@pytest.mark.parametrize("content", IN_DOUBT.values(), ids=IN_DOUBT.keys())
def test_an_uncertain_value_is_a_problem_for_the_repair(content: Any) -> None:
    with pytest.raises(InvalidAnswerError) as invalid:
        read(content)
    assert invalid.value.problems


@pytest.mark.parametrize("space", ["\t", "\n", "\r\n", "\u2028"])
def test_white_space_in_a_title_is_a_space(space: str) -> None:
    contents = changed(title=f"作業{space}を終える")
    for number, task in enumerate(contents[0]["toolUse"]["input"]["tasks"]):
        task["description"] = f"{number}つ目"
    answer = read(contents)
    assert {task.title for task in answer.tasks} == {"作業 を終える"}
    assert answer.coerced == ("CHARACTERS",)


def test_line_ends_of_any_kind_are_line_feeds() -> None:
    description = "一\r\n二\r三\u2028四\x0b五\t六\n七"
    first = read(changed(description=description)).tasks[0]
    assert first.description == "一\n二\n三\n四\n五\t六\n七"
    broken = read([call(IN_TEXT.replace("終わったら", "終わったら\n"))]).tasks[0]
    assert broken.description == "終わったら\n日付を書く。"


def test_one_task_of_a_habit_may_stand_alone() -> None:
    (task,) = tasks(1, "HABIT")
    answer = read_tasks("tool_use", [call({"tasks": task})], RULES["HABIT"])
    assert [values(task) for task in answer.tasks] == [task]
    assert answer.coerced == ("WRAPPED",)


@pytest.mark.parametrize("stop_reason", ["malformed_tool_use", "malformed_model_output"])
def test_a_call_that_bedrock_reports_as_malformed_is_read_if_complete(stop_reason: str) -> None:
    assert "CALL_MALFORMED" in read([{"text": IN_TEXT}], stop_reason).coerced
    with pytest.raises(InvalidAnswerError, match="malformed"):
        read([{"text": IN_TEXT[:-9]}], stop_reason)
    with pytest.raises(InvalidAnswerError, match="it is 90"):
        read(changed(estimatedMinutes=90), stop_reason)


def test_the_answers_that_were_reported_are_read_or_repaired_as_is_right() -> None:
    folder = shared_input("model-answers")
    found = {
        path.stem: json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")
    }
    assert {name: _verdict(answer) for name, answer in found.items()} == {
        name: answer["right"] for name, answer in found.items()
    }


def test_the_stringified_input_that_was_reported_is_read() -> None:
    path = shared_input("reports/05-tool-input-stringified/answer.json")
    reported = json.loads(path.read_text(encoding="utf-8"))
    answer = read(reported["content"], reported["stopReason"])
    assert [task.title for task in answer.tasks] == ["本を選ぶ", "目次を読む", "予定を立てる"]
    assert answer.coerced == ("JSON_AS_TEXT",)


def _verdict(answer: dict[str, Any]) -> str:
    try:
        return "read" if read(answer["content"], answer["stopReason"]).coerced else "clean"
    except InvalidAnswerError:
        return "repair"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)
pieces = st.sampled_from([GOOD, GOOD[0], {"tasks": GOOD}, IN_TEXT, IN_TEXT[:-3], "", {}, []])


def _mixed(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    names = st.sampled_from(["tasks", "Tasks", "title", "input", "properties", "type"])
    return (
        st.lists(inner, max_size=3)
        | st.dictionaries(names | st.text(max_size=3), inner, max_size=3)
        | inner.map(lambda value: json.dumps(value, ensure_ascii=False))
    )


inputs = st.recursive(pieces | json_values, _mixed, max_leaves=6)
blocks = (
    inputs.map(call)
    | inputs.map(lambda value: {"text": value})
    | inputs.map(lambda value: {"toolUse": value})
    | json_values
)
stop_reasons = st.sampled_from(["tool_use", "end_turn", "malformed_tool_use", "max_tokens"])


@given(st.lists(blocks, max_size=3), stop_reasons)
def test_any_content_is_an_answer_or_invalid_and_what_is_read_is_clean_the_next_time(
    content: Any, stop_reason: str
) -> None:
    try:
        answer = read(content, stop_reason)
    except InvalidAnswerError:
        return
    assert read(clean_call(answer)) == Answer(answer.tasks)


@pytest.mark.parametrize(
    "content",
    [
        [{"text": "[" * 100_000}],
        [{"text": "[" * 40_000}],
        [{"text": '{"a":' * 40_000}],
        [{"text": "{" + " " * 40_000 + "{"}],
        [{"text": "<thinking>" * 4_000 + IN_TEXT[:-1]}],
        [{"text": IN_TEXT * 2_000}],
        [{"text": '"' + "\\" * 40_000}],
        [call("[" * 100_000)],
        [call('{"tasks":' * 1_000 + "[]" + "}" * 1_000)],
        [call({"tasks": [0] * 100_000})],
        [call({"tasks": GOOD, "more": [GOOD] * 1_000})],
        [call({"tasks": [{**GOOD[0], "title": "あ" * 1_000_000}]})],
        [call({"tasks": [{**GOOD[0], "estimatedMinutes": 10**4_000}]})],
        [call({"tasks": GOOD})] * 1_000 + [call({})],
    ],
    ids=range(14),
)
def test_a_huge_or_deep_answer_is_refused_in_few_words(content: Any) -> None:
    with pytest.raises(InvalidAnswerError) as invalid:
        read(content)
    assert len(str(invalid.value)) < 2_000


def test_an_input_deeper_than_python_goes_is_refused() -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(InvalidAnswerError, match="too deep"):
        read([call({"tasks": deep})])
    while deep:  # one by one, for freeing it at once would go as deep
        deep = deep[0]

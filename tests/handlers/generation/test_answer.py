"""The rules accept an answer, or name its problems."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.contract.hidden_text import without_hidden
from handlers.generation.answer import read_tasks
from handlers.generation.errors import ContentFilteredError, InvalidAnswerError, ModelRejectedError
from handlers.generation.fence import clean
from handlers.generation.rules import RULES, TaskRules
from handlers.storage.models import GeneratedTask

EXECUTION, HABIT = RULES["EXECUTION"], RULES["HABIT"]


def task(**changed: Any) -> dict[str, Any]:
    return {
        "title": "走る服を玄関に置く",
        "description": "前の晩に用意する。靴もそろえたら完了。",
        "type": "HABIT",
        "estimatedMinutes": 30,
    } | changed


def call(tool_input: Any, name: str = "save_tasks") -> dict[str, Any]:
    return {"toolUse": {"toolUseId": "t-1", "name": name, "input": tool_input}}


def read(*tasks: Any, rules: TaskRules = HABIT) -> tuple[GeneratedTask, ...]:
    return read_tasks("tool_use", [call({"tasks": list(tasks)})], rules).tasks


def problems(*content: Any, rules: TaskRules = HABIT, stop_reason: str = "tool_use") -> list[str]:
    with pytest.raises(InvalidAnswerError) as invalid:
        read_tasks(stop_reason, content, rules)
    return list(invalid.value.problems)


def problems_of(*tasks: Any, rules: TaskRules = HABIT) -> list[str]:
    return problems(call({"tasks": list(tasks)}), rules=rules)


def test_a_valid_answer_becomes_tasks() -> None:
    assert read(task(title="  近所を一周する "), task(estimatedMinutes=60)) == (
        GeneratedTask("近所を一周する", "前の晩に用意する。靴もそろえたら完了。", "HABIT", 30),
        GeneratedTask("走る服を玄関に置く", "前の晩に用意する。靴もそろえたら完了。", "HABIT", 60),
    )


def test_a_text_before_the_call_is_ignored() -> None:
    content = [{"text": "<thinking>…</thinking>"}, call({"tasks": [task()]})]
    for stop_reason in ("tool_use", "end_turn"):
        answer = read_tasks(stop_reason, content, HABIT)
        assert (len(answer.tasks), answer.coerced) == (1, ())


valid_text = st.text(
    st.characters(exclude_categories=("Cc", "Cf", "Cs", "Co", "Zl", "Zp")), min_size=1
).filter(lambda text: bool(clean(text)) and without_hidden(text) == text)


def _title(values: dict[str, Any]) -> str:
    return values["title"].strip()


@given(st.data(), st.sampled_from(list(RULES.values())))
def test_an_answer_that_meets_the_rules_is_accepted_without_coercion(
    data: st.DataObject, rules: TaskRules
) -> None:
    tasks: list[dict[str, Any]] = data.draw(
        st.lists(
            st.fixed_dictionaries(
                {
                    "title": valid_text.map(lambda text: text[:50]).filter(clean),
                    "description": valid_text.map(lambda text: text[:200]).filter(clean),
                    "type": st.just(rules.type),
                    "estimatedMinutes": st.integers(30, 60),
                }
            ),
            min_size=rules.minimum,
            max_size=rules.maximum,
            unique_by=_title,
        )
    )
    answer = read_tasks("tool_use", [call({"tasks": tasks})], rules)
    assert [kept.title for kept in answer.tasks] == [_title(values) for values in tasks]
    assert answer.coerced == ()


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
nearly_a_task = st.fixed_dictionaries(
    {},
    optional={
        "title": st.text(max_size=60) | anything,
        "description": st.text(max_size=210) | anything,
        "type": st.sampled_from(["HABIT", "EXECUTION", "habit"]) | anything,
        "estimatedMinutes": st.integers(20, 70) | anything,
        "priority": anything,
    },
)


@given(st.lists(nearly_a_task, max_size=12) | anything, st.sampled_from(list(RULES.values())))
def test_any_answer_is_valid_tasks_or_an_invalid_answer_and_nothing_else(
    tasks: Any, rules: TaskRules
) -> None:
    try:
        accepted = read_tasks("tool_use", [call({"tasks": tasks})], rules).tasks
    except InvalidAnswerError:
        return
    assert rules.minimum <= len(accepted) <= rules.maximum
    for kept in accepted:
        assert 1 <= len(kept.title) <= 50
        assert "\n" not in kept.title
        assert 1 <= len(kept.description) <= 200
        assert kept.type == rules.type
        assert 30 <= kept.estimated_minutes <= 60
        (kept.title + kept.description).encode()
        assert "\0" not in kept.title + kept.description


@pytest.mark.parametrize("count", [0, 2, 11])
def test_an_execution_action_gets_three_to_ten_tasks(count: int) -> None:
    tasks = [task(type="EXECUTION", title=f"手順{index}") for index in range(count)]
    assert problems_of(*tasks, rules=EXECUTION) == [
        f"tasks: there are {count}, but 3 to 10 are asked for"
    ]


@pytest.mark.parametrize("count", [0, 4])
def test_a_habit_gets_one_to_three_tasks(count: int) -> None:
    tasks = [task(title=f"手順{index}") for index in range(count)]
    assert problems_of(*tasks) == [f"tasks: there are {count}, but 1 to 3 are asked for"]


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"title": "走" * 51}, "title: String should have at most 50 characters, it has 51"),
        ({"title": " \u200b "}, "title: must not be blank"),
        ({"title": "走る\x1b歩く"}, "title: must not contain the character U+001B"),
        ({"title": "走る\u202e"}, "title: must not contain the character U+202E"),
        ({"title": 7}, "title: Input should be a valid string"),
        (
            {"description": "走" * 201},
            "description: String should have at most 200 characters, it has 201",
        ),
        ({"description": ""}, "description: must not be blank"),
        ({"description": "走る\0"}, "description: must not contain the character U+0000"),
        ({"type": "EXECUTION"}, "type: must be HABIT"),
        ({"type": None}, "type: Input should be a valid string"),
        (
            {"estimatedMinutes": 29},
            "estimatedMinutes: Input should be greater than or equal to 30, it is 29",
        ),
        (
            {"estimatedMinutes": 61},
            "estimatedMinutes: Input should be less than or equal to 60, it is 61",
        ),
        ({"estimatedMinutes": "約30"}, "estimatedMinutes: Input should be a valid integer"),
        ({"estimatedMinutes": 30.5}, "estimatedMinutes: Input should be a valid integer"),
        (
            {"estimatedMinutes": 10**7},
            "estimatedMinutes: Input should be less than or equal to 60",
        ),
        ({"estimatedMinutes": True}, "estimatedMinutes: Input should be a valid integer"),
    ],
)
def test_each_broken_rule_is_named_with_its_field_and_what_is_allowed(
    changed: dict[str, Any], problem: str
) -> None:
    assert problems_of(task(title="先に走る"), task(**changed)) == [f"tasks[1].{problem}"]


def test_a_missing_field_is_named() -> None:
    incomplete = task()
    del incomplete["description"]
    assert problems_of(incomplete) == ["tasks[0].description: Field required"]


def test_a_repeated_task_is_a_problem() -> None:
    assert problems_of(task(), task()) == ["tasks[1]: repeats tasks[0]"]


def test_an_invalid_answers_error_lists_all_problems() -> None:
    assert len(problems_of(task(title=""), task(type="x"), task(estimatedMinutes=5), task())) == 4


def test_problems_beyond_the_first_ten_are_only_counted() -> None:
    told = problems_of(*[task(title="") for _ in range(40)])
    assert len(told) == 11
    assert told[-1] == "and 31 more problems"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ([], "save_tasks was called 0 times: call it exactly once"),
        ([call({"tasks": [task()]}, name="other")], "save_tasks was called 0 times"),
        ([call('{"tasks": [')], "the input of save_tasks must be a JSON object"),
        ([call([])], "the input of save_tasks must be a JSON object"),
        ([call({})], "tasks: is missing"),
        ([call({"tasks": "資料を集める"})], "tasks: must be a list"),
        ([call({"tasks": [[]]})], "tasks[0]: Input should be a valid dictionary"),
    ],
)
def test_an_answer_without_one_proper_call_of_the_tool_is_invalid(
    content: list[Any], problem: str
) -> None:
    (told,) = problems(*content)
    assert told.startswith(problem)


@pytest.mark.parametrize(
    ("stop_reason", "problem"),
    [
        ("max_tokens", "cut off"),
        ("a_new_reason", "unexpectedly"),
    ],
)
def test_an_answer_that_stopped_early_is_invalid_however_it_looks(
    stop_reason: str, problem: str
) -> None:
    (told,) = problems(call({"tasks": [task()]}), stop_reason=stop_reason)
    assert problem in told


@pytest.mark.parametrize(
    ("stop_reason", "error"),
    [
        ("content_filtered", ContentFilteredError),
        ("guardrail_intervened", ContentFilteredError),
        ("model_context_window_exceeded", ModelRejectedError),
    ],
)
def test_a_stop_reason_without_repair_has_an_error_of_its_own(
    stop_reason: str, error: type[Exception]
) -> None:
    with pytest.raises(error, match=stop_reason):
        read_tasks(stop_reason, [], HABIT)


@given(st.text(alphabet="秘密の目標", min_size=8))
def test_problems_never_quote_the_models_texts(secret: str) -> None:
    for tasks in (
        [task(title=secret * 20)],
        [task(type=secret)],
        [task(estimatedMinutes=secret)],
        [{secret: secret}],
        secret,
        {secret: secret},
    ):
        for problem in problems(call({"tasks": tasks})):
            assert not set(secret) & set(problem)

"""Goal files: what a person may write, and how they hear what is wrong."""

import os
import re
from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from localcloud.goals.goal import FIRST_DEADLINE, LAST_DEADLINE, Action, Goal, SubGoal
from localcloud.goals.goal_file import GoalFileError, parse_goal, read_goal
from tests.shared_inputs import shared_input

FILE = """\
title: 目標
deadline: 2027-03-14
background: 背景
sub_goals:
  - title: 一
    description: 説明
    actions:
      - title: 甲
        type: EXECUTION
        constraints: 制約
      - title: 乙
        type: HABIT
  - title: 二
    actions:
      - title: 丙
        type: HABIT
"""
LINES: list[str] = list(FILE.splitlines())


def problems(content: str | bytes) -> list[str]:
    """What is wrong with a file, each problem without the file's name."""
    content = content.encode() if isinstance(content, str) else content
    with pytest.raises(GoalFileError) as refused:
        parse_goal(content)
    return [line.removeprefix("goal.yaml:") for line in str(refused.value).splitlines()]


# Any character that can stand in a text; a title has no line break of any kind.
_characters = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"))
_titles = st.text(_characters, min_size=1, max_size=200).map(str.strip).filter(bool)
_line_breaks = st.sampled_from(["\n", "\t", "\n\n  "])
_texts = st.lists(st.text(_characters, max_size=40) | _line_breaks, max_size=8).map(
    lambda parts: "".join(parts).strip()
)
_words = {
    "title": _titles,
    "description": st.none() | _texts,
    "background": st.none() | _texts,
    "constraints": st.none() | _texts,
}
_actions = st.builds(Action, **_words, type=st.sampled_from(["EXECUTION", "HABIT"]))
_sub_goals = st.builds(
    SubGoal, **_words, actions=st.lists(_actions, min_size=1, max_size=8).map(tuple)
)
_goals = st.builds(
    Goal,
    **_words,
    deadline=st.none() | st.dates(FIRST_DEADLINE, LAST_DEADLINE),
    sub_goals=st.lists(_sub_goals, min_size=1, max_size=8).map(tuple),
)


@settings(max_examples=40, deadline=None)
@given(_goals, st.booleans())
def test_any_valid_goal_reads_back_as_it_was_written(goal: Goal, in_japanese: bool) -> None:
    written = yaml.safe_dump(goal.model_dump(mode="json"), allow_unicode=in_japanese)

    assert parse_goal(written.encode()) == goal


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(range(len(LINES))))
def test_a_misspelt_key_is_reported_at_its_line(index: int) -> None:
    mutated = LINES.copy()
    mutated[index] = re.sub(r"(\w+):", r"\1x:", mutated[index])
    key = re.findall(r"\w+:", LINES[index])[0].removesuffix(":")

    found = problems("\n".join(mutated))

    column = mutated[index].index(key) + 1
    assert any(
        p.startswith(f"{index + 1}:{column}: ") and f"unknown key (is {key} meant?)" in p
        for p in found
    )


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from([i for i, line in enumerate(LINES) if line[-1] != ":"]),
    st.sampled_from(['"\\0"', "[x]", "{x: y}", "あ" * 1001]),
)
def test_a_bad_value_is_reported_at_its_line_with_its_field(index: int, bad: str) -> None:
    mutated = LINES.copy()
    key, _, value = LINES[index].partition(": ")
    mutated[index] = f"{key}: {bad}"

    (found,) = problems("\n".join(mutated))

    assert found.startswith(f"{index + 1}:{LINES[index].index(value) + 1}: ")
    assert f"{key.split()[-1]}: found " in found


@settings(max_examples=40, deadline=None)
@given(st.sampled_from([i for i, line in enumerate(LINES) if line[-1] != ":"]))
def test_a_repeated_key_is_reported_at_the_second(index: int) -> None:
    repeated = LINES[index].replace("- ", "  ")

    (found,) = problems("\n".join([*LINES[: index + 1], repeated, *LINES[index + 1 :]]))

    assert found.startswith(f"{index + 2}:")
    assert found.endswith("found the key a second time; allowed: each key once")


def test_all_that_is_wrong_is_said_at_once() -> None:
    assert problems("""\
title: ""
deadline: 2026-02-30
sub_goals:
  - title: 一
    actions:
      - title: 甲
        type: HABBIT
      - type: HABIT
  - title: 二
    actions: []
""") == [
        '1:8: title: found ""; allowed: one line of 1 to 200 characters, no control characters',
        '2:11: deadline: found "2026-02-30"; '
        "allowed: a day as YYYY-MM-DD, from 2000-01-01 to 2099-12-31",
        '7:15: sub_goals[1].actions[1].type: found "HABBIT"; allowed: EXECUTION or HABIT',
        "8:9: sub_goals[1].actions[2].title: found nothing; "
        "allowed: one line of 1 to 200 characters, no control characters",
        "10:14: sub_goals[2].actions: found an empty list; allowed: a list of 1 to 8 actions",
    ]  # fmt: skip


def test_a_ninth_action_is_reported_where_it_stands_and_the_rest_is_still_checked() -> None:
    nine = "".join(f"      - {{title: a{n}, type: HABIT}}\n" for n in range(9))

    found = problems(f"title: t\nsub_goals:\n  - title: s\n    actions:\n{nine}    extra: 1\n")

    assert found == [
        "13:9: sub_goals[1].actions: found 9 entries; allowed: at most 8",
        "14:5: sub_goals[1].extra: found an unknown key; "
        "allowed: title, description, background, constraints, actions",
    ]


def test_one_action_is_a_goal() -> None:
    goal = parse_goal(b"title: t\nsub_goals: [{title: s, actions: [{title: a, type: HABIT}]}]")

    assert [action.title for action in goal.actions] == ["a"]


@pytest.mark.parametrize("title", ["2027", "yes", "5:40", "1e3", "2027-01-01", "[目標] です"])
def test_plain_words_that_yaml_takes_for_something_else_stay_text(title: str) -> None:
    quoted = f'"{title}"' if title.startswith("[") else title

    assert parse_goal(FILE.replace("title: 目標", f"title: {quoted}").encode()).title == title


@pytest.mark.parametrize(
    "day", ["20270314", "2027-3-14", "2027-03-14T00:00:00", "1999-12-31", "٢٠٢٧-٠٣-١٤"]
)
def test_only_a_plain_day_is_a_deadline(day: str) -> None:
    (found,) = problems(FILE.replace("2027-03-14", day))

    assert found.startswith(f'2:11: deadline: found "{day}"')


@pytest.mark.parametrize("line_break", ["\\n", "\\u2028", "\\u2029"])
def test_a_title_is_one_line(line_break: str) -> None:
    (found,) = problems(FILE.replace("甲", f'"甲{line_break}乙"'))

    assert found.startswith("8:16: sub_goals[1].actions[1].title: found ")


def test_the_day_is_read_as_written() -> None:
    assert parse_goal(FILE.encode()).deadline == date(2027, 3, 14)


def test_windows_files_with_a_byte_order_mark_are_read() -> None:
    content = b"\xef\xbb\xbf" + FILE.replace("\n", "\r\n").encode()

    assert parse_goal(content) == parse_goal(FILE.encode())


@pytest.mark.parametrize("encoding", ["shift_jis", "utf-16", "euc_jp"])
def test_another_encoding_is_named_as_the_trouble(encoding: str) -> None:
    (found,) = problems(FILE.encode(encoding))

    assert "not UTF-8" in found


def test_the_byte_that_is_not_utf_8_is_found() -> None:
    (found,) = problems(FILE.encode().replace("説明".encode(), b"\xff"))

    assert found.startswith("6:18: found the byte 0xff")


@pytest.mark.parametrize(
    ("content", "place", "word"),
    [
        ("title: &a x\nbackground: *a", "1:8", "anchor"),
        ("a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]", "1:4", "anchor"),
        ("title: !!python/object/apply:os.system ['true']", "1:8", "tag"),
        ("[" * 100_000, "1:13", "12"),
        ("- " * 100_000, "1:25", "12"),
        ("{" + ", ".join(f"k{n}: v" for n in range(9000)) + "}", "1:", "5000"),
        ("title: a\n---\ntitle: b", "2:1", "another document"),
        ("title: a: b", "1:9", "mapping values"),
        ("title: a\n\tb: c", "2:1", "\\t"),
        ("title: a\nb: \0", "2:4", "\\x00"),
        ("? [a]\n: b", "1:3", "list or mapping as a key"),
        ("42", "1:1", '"42"'),
        ("- a", "1:1", "a list"),
    ],
)
def test_hostile_or_broken_yaml_is_refused_where_it_is(content: str, place: str, word: str) -> None:
    assert any(p.startswith(place) and word in p for p in problems(content))


@pytest.mark.parametrize(
    ("content", "place", "word"),
    [
        ("title: t\nsub_goals:\n  - title：s\n    actions: []", "3:10", "U+FF1A FULLWIDTH COLON"),
        ("title: t\nbackground：x\nsub_goals: []", "2:11", "U+FF1A"),  # in mid-file
        ("title: t\nbackground：x", "2:11", "U+FF1A"),  # at its end
        ("title：t\nsub_goals: []", "1:6", "U+FF1A"),  # which only the next line shows
        ("title: t\n＃ 目標\nsub_goals: []", "2:1", "U+FF03 FULLWIDTH NUMBER SIGN"),
        ("title: t\nsub_goals:\n  － title：s\n    actions: []", "3:3", "U+FF0D"),
        ("title:t\nsub_goals: []", "1:6", "without a space"),
        ("title: t\nbackground:x\nsub_goals: []", "2:11", "without a space"),
        ('title: "t\nsub_goals: []\n', "1:8", "unexpected end"),  # the quote's beginning
        ("title: t\nsub_goals: [{title: s\n\n", "2:13", "<stream end>"),
        # nothing else on the lines around is to blame
        ("title: t\nbackground: 一つ\n  二つ：三つ\ndeadline: a: b", "4:12", "mapping values"),
        ("title: 10:30に起きる: よし", "1:17", "mapping values"),
    ],
)
def test_a_mistake_is_shown_where_it_is_and_not_where_it_is_noticed(
    content: str, place: str, word: str
) -> None:
    (found,) = problems(content)

    assert found.startswith(f"{place}: ")
    assert word in found


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ('title: "\\U00110000"\nsub_goals: []', "1:11"),
        ("title: x\nbackground: 'x'\nsub_goals: \"\\UFFFFFFFF\"", "3:15"),
        ("%YAML 1." + "9" * 5_000 + "\n---\ntitle: x", "1:9"),
    ],
)
def test_what_python_cannot_make_a_character_or_a_number_of_is_refused(
    content: str, place: str
) -> None:
    (found,) = problems(content)

    assert found.startswith(f"{place}: found a character beyond U+10FFFF, or a number too long")


@pytest.mark.parametrize(
    ("report", "problem"),
    [
        ("09-goal-file-wrong-line", '7:20: found the character "：" (U+FF1A FULLWIDTH COLON)'),
        ("10-goal-file-crash", "1:11: found a character beyond U+10FFFF"),
    ],
)
def test_the_files_that_were_reported_are_refused_in_one_line(report: str, problem: str) -> None:
    (found,) = problems(shared_input(f"reports/{report}/goal.yaml").read_bytes())

    assert found.startswith(problem)


_yaml_bits = st.sampled_from(
    [*"-:?,[]{}#&*!|>%@`'\" \n\t：－　x0", "\\U00110000", "%YAML 1.1\n", "--- ", "title: ", "- "]
)


@settings(max_examples=400)
@given(st.lists(_yaml_bits, max_size=40).map("".join) | st.text(max_size=40))
def test_any_file_is_a_goal_or_refused_in_lines_that_can_be_printed(content: str) -> None:
    for problem in problems(content):
        assert problem.isprintable()


def test_an_empty_file_is_said_to_be_empty() -> None:
    assert problems("# nothing\n") == [" found an empty file; allowed: one YAML mapping"]


def test_a_large_file_is_not_read() -> None:
    assert "1,000,000 bytes" in problems("#" * 1_000_001)[0]


def test_a_flood_of_problems_is_cut_short() -> None:
    found = problems("\n".join(f"k{n}: v" for n in range(100)))

    assert found[-1] == "... and 82 more"


@pytest.mark.parametrize(
    "content", [FILE.replace("一", "\u0085x"), 'title: "\\ud800\\u202e\\e[2J"']
)
def test_what_is_wrong_can_be_printed(content: str) -> None:
    for problem in problems(content):
        assert problem.isprintable()


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(GoalFileError, match=r"nowhere\.yaml: found No such file"):
        read_goal(tmp_path / "nowhere.yaml")


def test_a_folder_or_a_device_is_no_goal_file(tmp_path: Path) -> None:
    for path in (tmp_path, Path(os.devnull)):
        with pytest.raises(GoalFileError, match="a folder or device"):
            read_goal(path)

"""Writes Japanese tasks for an action: a seeded choice from tasks.ja.yaml."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import yaml

from localcloud.bedrock.task_writer.requested_action import ActionType, RequestedAction
from localcloud.bedrock.task_writer.subject import subject_of

MINUTES = (30, 40, 45, 50, 60)
COUNTS: dict[ActionType, tuple[int, int]] = {"EXECUTION": (3, 7), "HABIT": (1, 3)}
"""Smallest and largest number of tasks; the rules allow an EXECUTION action up to ten."""

_NOUN = "この取り組み"
QUOTED_CHARACTERS = 70
"""Longer sentences of the action are not quoted: a description has at most 200 characters."""
_Step = TypeVar("_Step")


@dataclass(frozen=True)
class WrittenTask:
    """One task of an answer."""

    title: str
    description: str
    type: ActionType
    minutes: int


@dataclass(frozen=True)
class Chapter:
    """One kind of activity or one topic of tasks.ja.yaml."""

    name: str
    words: tuple[str, ...]
    steps: tuple[tuple[int, str, str], ...]
    habits: tuple[tuple[str, str], ...]
    noun: str = _NOUN


@cache
def chapters(part: str) -> tuple[Chapter, ...]:
    """All chapters of one part, `kinds` or `topics`."""
    book: dict[str, Any] = yaml.safe_load(
        Path(__file__).with_name("tasks.ja.yaml").read_text(encoding="utf-8")
    )
    return tuple(
        Chapter(
            name=entry["name"],
            words=tuple(entry["words"]),
            steps=tuple((phase, title, text) for phase, title, text in entry["steps"]),
            habits=tuple((title, text) for title, text in entry["habits"]),
            noun=entry.get("noun", _NOUN),
        )
        for entry in book[part]
    )


def write_tasks(
    action: RequestedAction, rng: Random, at_least: int = 0, at_most: int = 10
) -> list[WrittenTask]:
    """Write 3 to 7 tasks for an EXECUTION action and 1 to 3 for a HABIT.

    at_least, at_most: override these numbers, up to ten tasks (six for a HABIT).
    """
    kind = kind_of(action)
    topic = topic_of(action) or next(chapter for chapter in chapters("kinds") if chapter != kind)
    subject = subject_of(action.title, topic.noun)
    fewest, most = COUNTS[action.type]
    count = rng.randint(max(min(fewest, at_most), at_least), min(max(most, at_least), at_most))
    if action.type == "HABIT":
        pages = _mixed(kind.habits, topic.habits, count, rng)
    else:
        steps = _mixed(kind.steps, topic.steps, count, rng)
        pages = [(title, text) for _, title, text in sorted(steps, key=lambda step: step[0])]
    remarks = _remarks(action)
    return [
        WrittenTask(
            title.replace("{o}", subject),
            text.replace("{o}", subject) + remarks.get(_place(index, count), ""),
            action.type,
            rng.choice(MINUTES),
        )
        for index, (title, text) in enumerate(pages)
    ]


def kind_of(action: RequestedAction) -> Chapter:
    """The kind whose word is the last in the title, since a Japanese verb is at the end."""
    return max(
        chapters("kinds"),
        key=lambda kind: max(
            (action.title.rfind(word) + len(word) for word in kind.words if word in action.title),
            # the kind without words is the default
            default=0 if kind.words else 0.5,
        ),
    )


def topic_of(action: RequestedAction) -> Chapter | None:
    """The topic with the most words in the texts; words in the action's own texts count more."""
    weighed = (
        (action.title, 4),
        (action.description, 2),
        (action.sub_goal, 2),
        (action.goal, 1),
    )

    def weight(topic: Chapter) -> int:
        return sum(factor for text, factor in weighed for word in topic.words if word in text)

    best = max(chapters("topics"), key=weight)
    return best if weight(best) else None


def _mixed(
    own: tuple[_Step, ...], other: tuple[_Step, ...], count: int, rng: Random
) -> list[_Step]:
    # less than half from the topic, so that actions of one topic get different tasks
    from_other = min(len(other), count // 2)
    return rng.sample(own, min(len(own), count - from_other)) + rng.sample(other, from_other)


def _place(index: int, count: int) -> str:
    if index == 0:
        return "first"
    return "last" if index == count - 1 else "middle"


def _remarks(action: RequestedAction) -> dict[str, str]:
    """Sentences that refer to the action, by the place of the task that gets them."""
    constraints = _sentence(action.constraints)
    description = _sentence(action.description)
    first = f"「{description}」に沿って進める。" if description else ""
    last = f"「{constraints}」を守る。" if constraints else ""
    if not last and action.deadline:
        day = f"{action.deadline.year}年{action.deadline.month}月{action.deadline.day}日の期限"
        last = f"{day}まで続ける。" if action.type == "HABIT" else f"{day}に間に合うように終える。"
    return {"first": first or last, "last": last}


def _sentence(text: str) -> str:
    sentence = text.split("。", maxsplit=1)[0].replace("「", "『").replace("」", "』").strip()
    return sentence if len(sentence) <= QUOTED_CHARACTERS else ""

"""The guide's check-lists as data: every line of them, and how an answer looks."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

Cadence = Literal["daily", "weekly", "monthly"]

GUIDE: dict[Cadence, tuple[tuple[str, str], ...]] = {
    "daily": (
        ("CloudWatch Logsの確認", "logs"),
        ("エラー率の確認", "error rate"),
        ("実行時間の確認", "execution time"),
    ),
    "weekly": (
        ("メトリクスの分析", "metrics"),
        ("アラートの確認", "alarms"),
        ("パフォーマンスの確認", "performance"),
    ),
    "monthly": (
        ("DynamoDBバックアップの作成", "table backup"),
        ("State Machine定義のバックアップ", "definition backup"),
        ("Lambda関数のバックアップ", "function backup"),
        ("コスト分析", "costs"),
        ("セキュリティ監査", "security audit"),
    ),
}
"""Cadence -> the guide's lines (定期メンテナンス), each with its name in the report."""

DAYS: dict[Cadence, int] = {"daily": 1, "weekly": 7, "monthly": 31}
"""How far back a cadence looks."""


class State(StrEnum):
    """DONE: it was looked at, or it exists. NOT_DONE: the operator still has to do it."""

    DONE = "done"
    NOT_DONE = "not done"
    NOT_ASKED = "cannot be asked here"


@dataclass(frozen=True)
class Item:
    """A line of a check-list.

    facts: what was found. attention: what needs somebody, each with what to do.
    reason: why it is not done, or cannot be asked here; "" if it is done.
    """

    guide: str
    name: str
    state: State
    facts: Sequence[str] = field(default_factory=tuple[str, ...])
    attention: Sequence[str] = field(default_factory=tuple[str, ...])
    reason: str = ""

    @property
    def is_well(self) -> bool:
        """Whether nothing is left to do; what cannot be asked is nobody's to do."""
        return self.state != State.NOT_DONE and not self.attention


def item(name: str, facts: Sequence[str], attention: Sequence[str] = ()) -> Item:
    """A line that was worked through."""
    return Item(_line(name), name, State.DONE, tuple(facts), tuple(attention))


def not_done(name: str, reason: str, facts: Sequence[str] = ()) -> Item:
    """A line that the operator still has to do."""
    return Item(_line(name), name, State.NOT_DONE, tuple(facts), reason=reason)


def not_asked(name: str, reason: str, facts: Sequence[str] = ()) -> Item:
    """A line that this stack cannot answer; facts: what is known all the same."""
    return Item(_line(name), name, State.NOT_ASKED, tuple(facts), reason=reason)


def _line(name: str) -> str:
    return next(line for lines in GUIDE.values() for line, each in lines if each == name)

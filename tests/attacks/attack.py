"""The attacks by text: one YAML file a category in corpus/."""

from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal

import yaml

from handlers.storage.models import ActionContext, ActionType

CORPUS = Path(__file__).with_name("corpus")
CANARY = "カナリア9号"
"""In every hostile text; where it appears, goal text appears."""
HARMLESS = ActionContext("走る", "EXECUTION", "体力", "完走")
TEXTS = tuple(
    each.name for each in fields(ActionContext) if each.name not in ("action_type", "goal_deadline")
)
"""The fields of a user's own words."""


@dataclass(frozen=True)
class TextAttack:
    """One attack.

    texts: what the user has written, by field of ActionContext.
    """

    category: str
    name: str
    language: Literal["en", "ja"]
    texts: dict[str, str] = field(hash=False)

    def __str__(self) -> str:
        return f"{self.category}/{self.name}-{self.language}"

    @property
    def text(self) -> str:
        """All of it as one text; once, if it stands in every field."""
        return "".join(dict.fromkeys(self.texts.values()))

    def context(self, type_: ActionType = "EXECUTION") -> ActionContext:
        """An action of this user."""
        return replace(HARMLESS, action_type=type_, **self.texts)


def _read(path: Path) -> list[TextAttack]:
    entries: list[dict[str, Any]] = yaml.safe_load(path.read_text())["attacks"]
    return [TextAttack(path.stem, each["name"], each["language"], _texts(each)) for each in entries]


def _texts(entry: dict[str, Any]) -> dict[str, str]:
    if "texts" in entry:
        return {name: text + CANARY for name, text in entry["texts"].items()}
    text = entry["text"] * entry.get("repeat", 1) + entry.get("end", "")
    # Once cut off and once not: a text's beginning and end both count.
    whole = f"{CANARY}{text}{CANARY}"
    return dict.fromkeys(TEXTS, whole)


ATTACKS = tuple(attack for path in sorted(CORPUS.glob("*.yaml")) for attack in _read(path))
CATEGORIES = tuple(dict.fromkeys(attack.category for attack in ATTACKS))


def of(category: str) -> list[TextAttack]:
    """The attacks of a category."""
    return [attack for attack in ATTACKS if attack.category == category]

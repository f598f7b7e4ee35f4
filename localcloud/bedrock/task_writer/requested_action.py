"""The action that a request is about, read from its prompt."""

import json
import re
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from localcloud.bedrock.task_writer.json_value import is_object

ActionType = Literal["EXECUTION", "HABIT"]


@dataclass(frozen=True)
class RequestedAction:
    """The action in a prompt; fields that the prompt lacks are empty."""

    title: str
    type: ActionType = "EXECUTION"
    description: str = ""
    constraints: str = ""
    sub_goal: str = ""
    goal: str = ""
    deadline: date | None = None


def requested_action(request: dict[str, Any]) -> RequestedAction:
    """Read the action from the first user message: from its JSON data, or else its plain text."""
    text = "\n".join(
        block["text"] for block in request["messages"][0]["content"] if "text" in block
    )
    data = _json_object(text)
    action = _texts(data.get("action"))
    if not action.get("title"):
        return RequestedAction(_last_line(text), _type_in(json.dumps(request, ensure_ascii=False)))
    goal = _texts(data.get("goal"))
    return RequestedAction(
        title=_one_line(action["title"]),
        type="HABIT" if action.get("type") == "HABIT" else "EXECUTION",
        description=_one_line(action.get("description", "")),
        constraints=_one_line(action.get("constraints", "") or goal.get("constraints", "")),
        sub_goal=_one_line(_texts(data.get("subGoal")).get("title", "")),
        goal=_one_line(goal.get("title", "")),
        deadline=_date(goal.get("deadline", "")),
    )


def _json_object(text: str) -> dict[str, Any]:
    # the prompt has the data as one JSON object; a brace before it belongs to the instructions
    for start in re.finditer(r"\{", text):
        try:
            value = json.JSONDecoder().raw_decode(text, start.start())[0]
        except ValueError:
            continue
        if is_object(value) and "action" in value:
            return value
    return {}


def _texts(value: Any) -> dict[str, str]:
    if not is_object(value):
        return {}
    return {key: text for key, text in value.items() if isinstance(text, str)}


def _last_line(text: str) -> str:
    lines = [_one_line(line) for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _type_in(text: str) -> ActionType:
    return "HABIT" if "HABIT" in text and "EXECUTION" not in text else "EXECUTION"


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None

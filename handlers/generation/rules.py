"""The product's rules for the tasks of one action, for prompt, schema and validation alike."""

from dataclasses import dataclass

from handlers.storage.models import ActionType

TITLE_CHARACTERS = 50
DESCRIPTION_CHARACTERS = 200
MINIMUM_MINUTES = 30
MAXIMUM_MINUTES = 60


@dataclass(frozen=True)
class TaskRules:
    """The number of tasks of an action, and their type, which is the action's."""

    type: ActionType
    minimum: int
    maximum: int


_RULES = (TaskRules("EXECUTION", 3, 10), TaskRules("HABIT", 1, 3))
RULES: dict[ActionType, TaskRules] = {rules.type: rules for rules in _RULES}

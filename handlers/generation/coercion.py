"""The ways in which an answer may differ from the requested form and still be read."""

from enum import StrEnum


class Coercion(StrEnum):
    """A difference from the requested form."""

    CALL_AS_TEXT = "CALL_AS_TEXT"
    """The call stands in a text."""
    CALL_REPEATED = "CALL_REPEATED"
    """The same tasks more than once."""
    CALL_MALFORMED = "CALL_MALFORMED"
    """Bedrock calls the answer malformed, though it is whole."""
    TOOL_NAME = "TOOL_NAME"
    """The tool's name spelt differently, as functions.save_tasks."""
    JSON_AS_TEXT = "JSON_AS_TEXT"
    """A JSON text instead of an object or a list."""
    WRAPPED = "WRAPPED"
    """The tasks stand elsewhere than in the list `tasks`."""
    SPARE_FIELD = "SPARE_FIELD"
    """A field that was not asked for; it is left out."""
    FIELD_NAME = "FIELD_NAME"
    """A field's name spelt differently, as estimated_minutes."""
    MINUTES = "MINUTES"
    """A whole number as a text (45分, in full width) or with a fraction (45.0)."""
    TYPE = "TYPE"
    """The type spelt differently, as execution."""
    CHARACTERS = "CHARACTERS"
    """Another line break, a tab in a title, a character that no reader sees."""

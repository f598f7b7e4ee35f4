"""HTML as nested calls: every text is escaped, unless it is markup already."""

from html import escape

from handlers.contract.hidden_text import without_hidden


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


_VOID = ("br", "circle", "hr", "input", "line", "meta", "path", "polyline", "rect")


def tag(name: str, /, *children: str, **attributes: str | float | bool) -> Markup:
    """An element; `class_` and `for_` stand for Python's reserved words, `aria_label` for hyphens.

    An attribute that is True has no value, one that is False is left out.
    """
    written = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _VOID:
        return Markup(f"<{name}{written}/>")
    return Markup(f"<{name}{written}>{joined(*children)}</{name}>")


def joined(*children: str) -> Markup:
    """Elements joined, one after the other."""
    return Markup("".join(c if isinstance(c, Markup) else _escaped(c) for c in children))


def _attribute(key: str, value: str | float | bool) -> str:
    if value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{_escaped(str(value))}"'


def _escaped(text: str) -> str:
    """As text of the page, without characters that hide text or turn it around."""
    return escape(without_hidden(text))

"""Rows of the chart, and bars where their time is."""

from datetime import datetime

from ops.trace.language import Words
from ops.trace.markup import Markup, tag
from ops.trace.picture import Bar, Picture
from ops.trace.wording import duration


def row(label: str, track: Markup, *, mark: str = "", class_: str = "") -> Markup:
    """A label, a short text, and the track of time."""
    return tag(
        "div",
        tag("span", label, class_="label"),
        tag("span", mark, class_="mark"),
        tag("span", track, class_="track"),
        class_=f"row {class_}".rstrip(),
    )


def phase(picture: Picture, bar: Bar, say: Words) -> Markup:
    """A bar with its name in it."""
    end = bar.ended_at or picture.ends_at
    name = say(bar.name)
    title = f"{name}: {duration((end - bar.started_at).total_seconds())}"
    style = _style(picture, bar.started_at, end)
    return tag("i", tag("b", name), class_="phase", style=style, title=title)


def span(
    picture: Picture, class_: str, start: datetime, end: datetime | None, title: str
) -> Markup:
    """A bar without text; end: None while it is open."""
    style = _style(picture, start, end or picture.ends_at)
    return tag("i", class_=class_, style=style, title=title)


def percent(share: float) -> str:
    """A share of 1 as CSS writes it."""
    return f"{100 * share:.3f}%"


def _style(picture: Picture, start: datetime, end: datetime) -> str:
    left = picture.share(start)
    return f"left:{percent(left)};width:{percent(picture.share(end) - left)}"

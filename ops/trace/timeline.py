"""The time axis: phases, curves, a row an action and a row a batch, all under one scale."""

from ops.trace.action_row import action_row, attempt_bars
from ops.trace.bars import percent, phase, row
from ops.trace.curves import Curve, highest, in_flight, tokens
from ops.trace.language import Words
from ops.trace.markup import Markup, joined, tag
from ops.trace.picture import Picture, without_repetition
from ops.trace.wording import duration

_TICKS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400)
_MOST_TICKS = 6
_HIGH = 100
"""Height of a curve's drawing; CSS stretches it."""


def timeline(picture: Picture, say: Words, *, with_titles: bool) -> Markup:
    """Everything that happened, from left to right."""
    phases = joined(*(phase(picture, bar, say) for bar in picture.phases))
    return tag(
        "section",
        tag("h2", say("Timeline"), id="timeline"),
        _legend(say),
        _filters(say),
        tag(
            "div",
            row("", _axis(picture), class_="axis"),
            row(say("phases"), phases),
            _curve(picture, say("actions in flight"), in_flight(picture), say),
            _curve(picture, say("tokens"), tokens(picture), say),
            *(
                action_row(picture, actions, say, with_titles=with_titles)
                for actions in without_repetition(picture.actions)
            ),
            *(
                row(
                    say("batch {number}", number=str(number)),
                    joined(*attempt_bars(picture, bar.attempts, say)),
                    class_="batch",
                )
                for number, bar in enumerate(picture.batches, 1)
            ),
            class_="chart",
        ),
    )


def _legend(say: Words) -> Markup:
    entries = (
        ("attempt succeeded", "attempt succeeded"),
        ("attempt failed", "attempt failed"),
        ("attempt open", "attempt open"),
        ("wait", "waits"),
        ("wait queue", "waits for its turn"),
    )
    marks = (
        tag("span", tag("i", class_=f"sample {class_}"), f" {say(text)}")
        for class_, text in entries
    )
    return tag("p", *marks, class_="legend")


def _filters(say: Words) -> Markup:
    choices = (("all", "all actions"), ("retried", "retried or repaired"), ("failed", "failed"))
    return tag(
        "fieldset",
        tag("legend", say("Show")),
        *(
            tag(
                "label",
                tag("input", type="radio", name="show", id=f"show-{key}", checked=key == "all"),
                f" {say(text)}",
            )
            for key, text in choices
        ),
        class_="filters",
    )


def _axis(picture: Picture) -> Markup:
    state = next((s for s in _TICKS if picture.seconds / s <= _MOST_TICKS), _TICKS[-1])
    count = int(picture.seconds // state)
    ticks = [
        tag("span", duration(n * state), style=f"left:{percent(n * state / picture.seconds)}")
        for n in range(count + 1)
        if picture.seconds
    ]
    return joined(*ticks)


def _curve(picture: Picture, name: str, curve: Curve, say: Words) -> Markup:
    top = highest(curve)
    points = _staircase(picture, curve, top)
    drawing = tag(
        "svg",
        tag("path", d=f"M0,{_HIGH} {points} L1000,{_HIGH} Z", class_="area"),
        tag("path", d=f"M0,{_HIGH} {points}", class_="line"),
        viewBox=f"0 0 1000 {_HIGH}",
        preserveAspectRatio="none",
        role="img",
        aria_label=say("{name}: at most {top}", name=name, top=f"{top:,.0f}"),
    )
    return row(name, drawing, mark=say("max {value}", value=f"{top:,.0f}"), class_="curve")


def _staircase(picture: Picture, curve: Curve, top: float) -> str:
    parts: list[str] = []
    for moment, value in curve:
        x = 1000 * picture.share(moment)
        y = _HIGH - _HIGH * value / top if top else _HIGH
        parts.append(f"H{x:.1f} V{y:.1f}")
    return " ".join([*parts, "H1000"])

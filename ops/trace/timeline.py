"""The time axis: phases, curves, a row an action and a row a batch, all under one scale."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from ops.trace.attempts import Attempt, AttemptOutcome
from ops.trace.curves import Curve, highest, in_flight, tokens
from ops.trace.markup import Markup, joined, tag
from ops.trace.picture import ActionTrace, Bar, Picture
from ops.trace.wording import duration, offset, plural

_TICKS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400)
_MOST_TICKS = 6
_HIGH = 100
"""Height of a curve's drawing; CSS stretches it."""


def timeline(picture: Picture, *, with_titles: bool) -> Markup:
    """Everything that happened, from left to right."""
    phases = joined(*(_bar(picture, bar, "phase") for bar in picture.phases))
    return tag(
        "section",
        tag("h2", "Timeline", id="timeline"),
        _legend(),
        _filters(),
        tag(
            "div",
            _row("", _axis(picture), class_="axis"),
            _row("phases", phases),
            _curve(picture, "actions in flight", in_flight(picture)),
            _curve(picture, "tokens", tokens(picture)),
            *(_action(picture, action, with_titles) for action in picture.actions),
            *(
                _row(bar.name, joined(*_attempts(picture, bar.attempts)), class_="batch")
                for bar in picture.batches
            ),
            class_="chart",
        ),
    )


def _legend() -> Markup:
    entries = (
        ("attempt succeeded", "succeeded"),
        ("attempt failed", "failed"),
        ("attempt open", "open"),
        ("wait", "waits before the next attempt"),
    )
    marks = (
        tag("span", tag("i", class_=f"sample {class_}"), f" {text}") for class_, text in entries
    )
    return tag("p", *marks, class_="legend")


def _filters() -> Markup:
    choices = (("all", "all actions"), ("retried", "retried or repaired"), ("failed", "failed"))
    return tag(
        "fieldset",
        tag("legend", "Show"),
        *(
            tag(
                "label",
                tag("input", type="radio", name="show", id=f"show-{key}", checked=key == "all"),
                f" {text}",
            )
            for key, text in choices
        ),
        class_="filters",
    )


def _axis(picture: Picture) -> Markup:
    state = next((s for s in _TICKS if picture.seconds / s <= _MOST_TICKS), _TICKS[-1])
    count = int(picture.seconds // state)
    ticks = [
        tag("span", duration(n * state), style=f"left:{_percent(n * state / picture.seconds)}")
        for n in range(count + 1)
        if picture.seconds
    ]
    return joined(*ticks)


def _curve(picture: Picture, name: str, curve: Curve) -> Markup:
    top = highest(curve)
    points = _staircase(picture, curve, top)
    drawing = tag(
        "svg",
        tag("path", d=f"M0,{_HIGH} {points} L1000,{_HIGH} Z", class_="area"),
        tag("path", d=f"M0,{_HIGH} {points}", class_="line"),
        viewBox=f"0 0 1000 {_HIGH}",
        preserveAspectRatio="none",
        role="img",
        aria_label=f"{name}: at most {top:,.0f}",
    )
    return _row(name, drawing, detail=f"max {top:,.0f}", class_="curve")


def _staircase(picture: Picture, curve: Curve, top: float) -> str:
    parts: list[str] = []
    for moment, value in curve:
        x = 1000 * picture.share(moment)
        y = _HIGH - _HIGH * value / top if top else _HIGH
        parts.append(f"H{x:.1f} V{y:.1f}")
    return " ".join([*parts, "H1000"])


def _action(picture: Picture, action: ActionTrace, with_titles: bool) -> Markup:
    """A row that opens: closed its bars, open every attempt in words."""
    bars = [_wait(picture, *wait) for wait in action.waits]
    bars += _attempts(picture, action.attempts)
    label = action.place + (f" {action.title}" if with_titles else "")
    return tag(
        "details",
        tag(
            "summary",
            _row(label, joined(*bars), mark=_mark(action)),
            aria_label=_spoken(action),
        ),
        tag("div", _in_words(picture, action), id=f"action-{action.place}", class_="words"),
        class_=" ".join(_kinds(action)),
    )


def _kinds(action: ActionTrace) -> Iterable[str]:
    yield "action"
    if action.has_failed:
        yield "is-failed"
    if action.retries or action.repairs:
        yield "is-retried"


def _mark(action: ActionTrace) -> str:
    marks = "✗" if action.has_failed else f"✓{action.task_count}" if action.is_kept else "·"
    marks += f" ↻{action.retries}" if action.retries else ""
    return marks + (f" ✎{action.repairs}" if action.repairs else "")


def _spoken(action: ActionTrace) -> str:
    parts = [f"action {action.place}", action.status.lower(), plural(action.task_count, "task")]
    parts += [plural(len(action.attempts), "attempt"), plural(action.repairs, "repair")]
    return ", ".join([*parts, action.error_code] if action.error_code else parts)


def _in_words(picture: Picture, action: ActionTrace) -> Markup:
    facts = [
        action.status.value,
        plural(action.task_count, "task"),
        f"{action.input_tokens:,} tokens in, {action.output_tokens:,} out",
        f"{action.cost_usd:.6f} USD",
    ]
    facts += [f"{plural(action.repairs, 'repair')} of an invalid answer"] if action.repairs else []
    facts += [action.error_code] if action.error_code else []
    rows = [
        tag(
            "tr",
            tag("td", str(number)),
            tag("td", offset(picture.started_at, attempt.started_at)),
            tag("td", _time_taken(attempt)),
            tag("td", attempt.outcome.value, class_=_class(attempt)),
            tag("td", attempt.error),
        )
        for number, attempt in enumerate(action.attempts, 1)
    ]
    heads = (tag("th", text, scope="col") for text in ("#", "begins", "takes", "ends", "error"))
    table = tag("table", tag("thead", tag("tr", *heads)), tag("tbody", *rows)) if rows else ""
    return joined(
        tag("p", " · ".join(facts)),
        tag("p", action.error_detail, class_="detail") if action.error_detail else "",
        table,
        tag("p", tag("code", action.action_id)),
    )


def _time_taken(attempt: Attempt) -> str:
    if attempt.ended_at is None:
        return ""
    return duration((attempt.ended_at - attempt.started_at).total_seconds())


def _attempts(picture: Picture, attempts: Sequence[Attempt]) -> list[Markup]:
    return [
        _span(picture, f"attempt {_class(a)}", a.started_at, a.ended_at, _said(number, a))
        for number, a in enumerate(attempts, 1)
    ]


def _said(number: int, attempt: Attempt) -> str:
    title = f"attempt {number}: {attempt.outcome.value} {attempt.error}".rstrip()
    taken = _time_taken(attempt)
    return f"{title} after {taken}" if taken else title


def _class(attempt: Attempt) -> str:
    return "failed" if attempt.outcome is AttemptOutcome.TIMED_OUT else attempt.outcome.value


def _wait(picture: Picture, start: datetime, end: datetime) -> Markup:
    return _span(picture, "wait", start, end, f"waits {duration((end - start).total_seconds())}")


def _bar(picture: Picture, bar: Bar, class_: str) -> Markup:
    end = bar.ended_at or picture.ends_at
    title = f"{bar.name}: {duration((end - bar.started_at).total_seconds())}"
    left, width = picture.share(bar.started_at), _width(picture, bar.started_at, end)
    style = f"left:{_percent(left)};width:{_percent(width)}"
    return tag("i", tag("b", bar.name), class_=class_, style=style, title=title)


def _span(
    picture: Picture, class_: str, start: datetime, end: datetime | None, title: str
) -> Markup:
    width = _width(picture, start, end or picture.ends_at)
    style = f"left:{_percent(picture.share(start))};width:{_percent(width)}"
    return tag("i", class_=class_, style=style, title=title)


def _width(picture: Picture, start: datetime, end: datetime) -> float:
    return picture.share(end) - picture.share(start)


def _row(
    label: str, track: Markup, *, mark: str = "", detail: str = "", class_: str = ""
) -> Markup:
    return tag(
        "div",
        tag("span", label, class_="label"),
        tag("span", mark or detail, class_="mark"),
        tag("span", track, class_="track"),
        class_=f"row {class_}".rstrip(),
    )


def _percent(share: float) -> str:
    return f"{100 * share:.3f}%"

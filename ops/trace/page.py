"""The page: one file of HTML that needs no network and runs no script."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from handlers.contract.statuses import ExecutionStatus
from ops.trace.attempts import OutsideEnd
from ops.trace.curves import highest, in_flight
from ops.trace.language import Words
from ops.trace.mandala import mandala
from ops.trace.markup import Markup, joined, tag
from ops.trace.picture import ActionTrace, Picture, alike, error_counts
from ops.trace.timeline import timeline
from ops.trace.wording import duration, offset

_STYLE = (Path(__file__).parent / "page.css").read_text()
_GOOD, _FAIR, _BAD = "good", "fair", "bad"
_TONE = {
    ExecutionStatus.SUCCEEDED: _GOOD,
    ExecutionStatus.RUNNING: _FAIR,
    ExecutionStatus.PARTIALLY_SUCCEEDED: _FAIR,
}


_ENGLISH = Words()


def page(picture: Picture, *, with_titles: bool, say: Words = _ENGLISH) -> str:
    """The whole file. with_titles: show the actions' titles, which are the user's own words."""
    title = f"{picture.record.status} · {picture.record.execution_id}"
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        # loads nothing and runs no script, whatever the texts contain
        tag(
            "meta",
            http_equiv="Content-Security-Policy",
            content="default-src 'none'; style-src 'unsafe-inline'",
        ),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", title),
        tag("style", Markup(_STYLE)),
    )
    body = tag(
        "body",
        tag("a", say("Skip to the timeline"), href="#timeline", class_="skip"),
        tag(
            "main",
            _header(picture, say),
            _figures(picture, say),
            tag("div", mandala(picture, say), _failures(picture, say, with_titles), class_="pair"),
            timeline(picture, say, with_titles=with_titles),
        ),
    )
    return f"<!doctype html>\n{tag('html', head, body, lang=say.language)}\n"


def _header(picture: Picture, say: Words) -> Markup:
    record = picture.record
    ids = [("execution", record.execution_id), ("goal", record.goal_id)]
    if record.parent_execution_id:
        ids.append(("retry of", record.parent_execution_id))
    ids.append(("ARN", record.execution_arn))
    ids += [("trace", picture.trace_id)] if picture.trace_id else []
    pairs = [(name if name == "ARN" else say(name), tag("code", value)) for name, value in ids]
    pairs += _outside_end(picture, picture.end, say) if picture.end else []
    return tag(
        "header",
        tag("h1", tag("span", record.status.value, class_=_TONE.get(record.status, _BAD))),
        tag(
            "p",
            f"{picture.started_at:%Y-%m-%d %H:%M:%S} UTC, {duration(picture.seconds)}"
            + ("" if record.stopped_at else f" {say('so far')}"),
        ),
        _pairs(pairs),
    )


def _outside_end(picture: Picture, end: OutsideEnd, say: Words) -> list[tuple[str, Markup]]:
    what = " ".join(filter(None, (end.kind, offset(picture.started_at, end.at), end.error)))
    return [
        (say("ended from outside"), tag("span", what, class_=_BAD)),
        (say("cause"), tag("span", end.cause or say("none was given"))),
    ]


def _figures(picture: Picture, say: Words) -> Markup:
    actions = picture.actions
    attempts = sum(len(action.attempts) for action in actions)
    saved = [action for action in actions if action.is_kept]
    figures = [
        (
            say("{count} of {total}", count=str(len(saved)), total=str(len(actions))),
            "actions kept",
        ),
        (f"{sum(action.task_count for action in saved):,}", "tasks"),
        (f"{attempts:,}", "attempts"),
        (f"{sum(action.retries for action in actions):,}", "retries"),
        (f"{sum(action.repairs for action in actions):,}", "repairs"),
        (f"{highest(in_flight(picture)):,.0f}", "in flight at most"),
        (duration(sum(map(picture.working, actions))), "working, all actions"),
        (duration(sum(action.waiting for action in actions)), "waiting, all actions"),
        (
            f"{sum(action.input_tokens for action in actions):,}"
            f" / {sum(action.output_tokens for action in actions):,}",
            "tokens in / out",
        ),
        (f"{sum(action.cost_usd for action in actions):.4f}", "US dollars"),
    ]
    tiles = (tag("div", tag("dd", value), tag("dt", say(name))) for value, name in figures)
    return tag("dl", *tiles, class_="figures")


def _failures(picture: Picture, say: Words, with_titles: bool) -> Markup:
    heads = map(say, ("action", "error", "tried", "ended", "detail"))
    rows = [_failure(picture, each, say, with_titles) for each in alike(picture.failed)]
    table = tag(
        "table",
        tag("thead", tag("tr", *(tag("th", text, scope="col") for text in heads))),
        tag("tbody", *rows),
        class_="failures",
    )
    nothing = tag("p", say("No action has failed for good."))
    counts = error_counts(picture.actions)
    errors = tag(
        "ul", *(tag("li", f"{say.count(n, 'attempt')}: {name}") for name, n in counts.items())
    )
    return tag(
        "section",
        tag("h2", say("Failures"), id="failures"),
        table if rows else nothing,
        joined(tag("h3", say("Attempts that failed")), errors) if counts else "",
    )


def _failure(
    picture: Picture, actions: Sequence[ActionTrace], say: Words, with_titles: bool
) -> Markup:
    """A row for all actions of which the table says the same; their last end."""
    first = actions[0]
    ends = [action.ended_at for action in actions if action.ended_at]
    links = [
        tag(
            "a",
            action.place + (f" {action.title}" if with_titles else ""),
            href=f"#action-{action.place}",
        )
        for action in actions
    ]
    many = [f"{say.count(len(actions), 'action')}: "] if len(actions) > 1 else []
    return tag(
        "tr",
        tag("td", *many, *(part for link in links for part in (link, " "))),
        tag("td", first.error_code, class_="failed"),
        tag("td", say.count(len(first.attempts), "attempt"), class_="ended"),
        tag("td", offset(picture.started_at, max(ends)) if ends else "", class_="ended"),
        tag("td", first.error_detail, class_="detail"),
    )


def _pairs(pairs: Iterable[tuple[str, Markup]]) -> Markup:
    return tag("dl", *(tag("div", tag("dt", n), tag("dd", v)) for n, v in pairs), class_="ids")

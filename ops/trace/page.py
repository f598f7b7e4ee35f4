"""The page: one file of HTML that needs no network and runs no script."""

from collections.abc import Iterable
from pathlib import Path

from handlers.contract.statuses import ExecutionStatus
from ops.trace.curves import highest, in_flight
from ops.trace.mandala import mandala
from ops.trace.markup import Markup, joined, tag
from ops.trace.picture import ActionTrace, Picture, error_counts
from ops.trace.timeline import timeline
from ops.trace.wording import duration, offset, plural

_STYLE = (Path(__file__).parent / "page.css").read_text()
_GOOD, _FAIR, _BAD = "good", "fair", "bad"
_TONE = {
    ExecutionStatus.SUCCEEDED: _GOOD,
    ExecutionStatus.RUNNING: _FAIR,
    ExecutionStatus.PARTIALLY_SUCCEEDED: _FAIR,
}


def page(picture: Picture, *, with_titles: bool) -> str:
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
        tag("a", "Skip to the timeline", href="#timeline", class_="skip"),
        tag(
            "main",
            _header(picture),
            _figures(picture),
            tag("div", mandala(picture), _failures(picture, with_titles), class_="pair"),
            timeline(picture, with_titles=with_titles),
        ),
    )
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n"


def _header(picture: Picture) -> Markup:
    record = picture.record
    ids = [("execution", record.execution_id), ("goal", record.goal_id)]
    if record.parent_execution_id:
        ids.append(("retry of", record.parent_execution_id))
    ids.append(("ARN", record.execution_arn))
    return tag(
        "header",
        tag("h1", tag("span", record.status.value, class_=_TONE.get(record.status, _BAD))),
        tag(
            "p",
            f"{picture.started_at:%Y-%m-%d %H:%M:%S} UTC, {duration(picture.seconds)}"
            + ("" if record.stopped_at else " so far"),
        ),
        _pairs((name, tag("code", value)) for name, value in ids),
    )


def _figures(picture: Picture) -> Markup:
    actions = picture.actions
    attempts = sum(len(action.attempts) for action in actions)
    saved = [action for action in actions if action.is_kept]
    figures = [
        (f"{len(saved)} of {len(actions)}", "actions kept"),
        (f"{sum(action.task_count for action in saved):,}", "tasks"),
        (f"{attempts:,}", "attempts"),
        (f"{sum(action.retries for action in actions):,}", "retries"),
        (f"{sum(action.repairs for action in actions):,}", "repairs"),
        (f"{highest(in_flight(picture)):,.0f}", "in flight at most"),
        (
            f"{sum(action.input_tokens for action in actions):,}"
            f" / {sum(action.output_tokens for action in actions):,}",
            "tokens in / out",
        ),
        (f"{sum(action.cost_usd for action in actions):.4f}", "US dollars"),
    ]
    tiles = (tag("div", tag("dd", value), tag("dt", name)) for value, name in figures)
    return tag("dl", *tiles, class_="figures")


def _failures(picture: Picture, with_titles: bool) -> Markup:
    heads = ("action", "error", "tried", "ended", "detail")
    rows = [_failure(picture, action, with_titles) for action in picture.failed]
    table = tag(
        "table",
        tag("thead", tag("tr", *(tag("th", text, scope="col") for text in heads))),
        tag("tbody", *rows),
        class_="failures",
    )
    nothing = tag("p", "No action has failed for good.")
    counts = error_counts(picture.actions)
    errors = tag(
        "ul", *(tag("li", f"{plural(n, 'attempt')}: {name}") for name, n in counts.items())
    )
    return tag(
        "section",
        tag("h2", "Failures", id="failures"),
        table if rows else nothing,
        joined(tag("h3", "Attempts that failed"), errors) if counts else "",
    )


def _failure(picture: Picture, action: ActionTrace, with_titles: bool) -> Markup:
    ended = offset(picture.started_at, action.ended_at) if action.ended_at else ""
    name = action.place + (f" {action.title}" if with_titles else "")
    return tag(
        "tr",
        tag("td", tag("a", name, href=f"#action-{action.place}")),
        tag("td", action.error_code, class_="failed"),
        tag("td", plural(len(action.attempts), "attempt"), class_="ended"),
        tag("td", ended, class_="ended"),
        tag("td", action.error_detail, class_="detail"),
    )


def _pairs(pairs: Iterable[tuple[str, Markup]]) -> Markup:
    return tag("dl", *(tag("div", tag("dt", n), tag("dd", v)) for n, v in pairs), class_="ids")

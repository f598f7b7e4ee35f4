"""An action's row: closed its bars, open every attempt in words. Rows that say the same are one."""

from collections.abc import Iterable, Sequence

from ops.trace.attempts import Attempt, AttemptOutcome
from ops.trace.bars import row, span
from ops.trace.language import Words
from ops.trace.markup import Markup, joined, tag
from ops.trace.picture import ActionTrace, Picture
from ops.trace.wording import duration, offset


def action_row(
    picture: Picture, actions: Sequence[ActionTrace], say: Words, *, with_titles: bool
) -> Markup:
    """actions: one, or several that no attempt tells apart."""
    first = actions[0]
    if len(actions) == 1:
        label, spoken = _name(first, with_titles), _spoken(first, say)
        words = tag("div", _in_words(picture, first, say), id=_id(first), class_="words")
    else:
        label = say.count(len(actions), "action")
        spoken = f"{label}, {first.status.lower()}, {say('no attempt began')} {first.error_code}"
        words = tag("div", *_group_in_words(actions, say, with_titles), class_="words")
    bars = [*_waits(picture, first, say), *attempt_bars(picture, first.attempts, say)]
    summary = tag(
        "summary", row(label, joined(*bars), mark=_mark(first)), aria_label=spoken.rstrip()
    )
    return tag("details", summary, words, class_=" ".join(_kinds(first)))


def attempt_bars(picture: Picture, attempts: Sequence[Attempt], say: Words) -> list[Markup]:
    """A bar for the work of each attempt."""
    return [
        span(
            picture,
            f"attempt {_class(each)}",
            each.works_from,
            each.ended_at,
            _attempt_title(number, each, say),
        )
        for number, each in enumerate(attempts, 1)
    ]


def _waits(picture: Picture, action: ActionTrace, say: Words) -> Iterable[Markup]:
    if action.queue:
        start, end = action.queue
        text = say("waits for its turn {time}", time=duration((end - start).total_seconds()))
        yield span(picture, "wait queue", start, end, text)
    for start, end in action.waits:
        text = say("waits {time}", time=duration((end - start).total_seconds()))
        yield span(picture, "wait", start, end, text)


def _kinds(action: ActionTrace) -> Iterable[str]:
    yield "action"
    if action.has_failed:
        yield "is-failed"
    if action.retries or action.repairs:
        yield "is-retried"


def _name(action: ActionTrace, with_titles: bool) -> str:
    return action.place + (f" {action.title}" if with_titles else "")


def _id(action: ActionTrace) -> str:
    return f"action-{action.place}"


def _mark(action: ActionTrace) -> str:
    marks = "✗" if action.has_failed else f"✓{action.task_count}" if action.is_kept else "·"
    marks += f" ↻{action.retries}" if action.retries else ""
    return marks + (f" ✎{action.repairs}" if action.repairs else "")


def _spoken(action: ActionTrace, say: Words) -> str:
    parts = [
        say("action {place}", place=action.place),
        action.status.lower(),
        say.count(action.task_count, "task"),
        say.count(len(action.attempts), "attempt"),
        say.count(action.repairs, "repair"),
    ]
    return ", ".join([*parts, action.error_code] if action.error_code else parts)


def _in_words(picture: Picture, action: ActionTrace, say: Words) -> Markup:
    working, waiting = picture.working(action), action.waiting
    facts = [
        action.status.value,
        say.count(action.task_count, "task"),
        say(
            "{tokens_in} tokens in, {tokens_out} out",
            tokens_in=f"{action.input_tokens:,}",
            tokens_out=f"{action.output_tokens:,}",
        ),
        f"{action.cost_usd:.6f} USD",
        say(
            "working {working}, waiting {waiting}",
            working=duration(working),
            waiting=duration(waiting),
        ),
    ]
    if action.repairs:
        repairs = say.count(action.repairs, "repair")
        facts.append(say("{repairs} of an invalid answer", repairs=repairs))
    facts += [action.error_code] if action.error_code else []
    rows = [
        tag(
            "tr",
            tag("td", str(number)),
            tag("td", offset(picture.started_at, attempt.works_from)),
            tag("td", _time_taken(attempt)),
            tag("td", say(attempt.outcome.value), class_=_class(attempt)),
            tag("td", attempt.error),
        )
        for number, attempt in enumerate(action.attempts, 1)
    ]
    names = ("begins", "takes", "ends", "error")
    heads = (tag("th", text, scope="col") for text in ("#", *map(say, names)))
    table = tag("table", tag("thead", tag("tr", *heads)), tag("tbody", *rows)) if rows else ""
    return joined(
        tag("p", " · ".join(facts)),
        tag("p", action.error_detail, class_="detail") if action.error_detail else "",
        table,
        tag("p", tag("code", action.action_id)),
    )


def _group_in_words(
    actions: Sequence[ActionTrace], say: Words, with_titles: bool
) -> Iterable[Markup]:
    first = actions[0]
    facts = [first.status.value, say("no attempt began"), first.error_code]
    yield tag("p", " · ".join(filter(None, facts)))
    if first.error_detail:
        yield tag("p", first.error_detail, class_="detail")
    yield tag(
        "ul",
        *(
            tag("li", f"{_name(each, with_titles)} ", tag("code", each.action_id), id=_id(each))
            for each in actions
        ),
    )


def _time_taken(attempt: Attempt) -> str:
    if attempt.ended_at is None:
        return ""
    return duration((attempt.ended_at - attempt.works_from).total_seconds())


def _attempt_title(number: int, attempt: Attempt, say: Words) -> str:
    title = say(
        "attempt {number}: {outcome}", number=str(number), outcome=say(attempt.outcome.value)
    )
    return " ".join(filter(None, (title, attempt.error, _time_taken(attempt))))


def _class(attempt: Attempt) -> str:
    return "failed" if attempt.outcome is AttemptOutcome.TIMED_OUT else attempt.outcome.value

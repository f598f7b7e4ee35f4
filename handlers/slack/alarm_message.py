"""An alarm's change as a message: what, since when, the value against the threshold, what to do."""

from datetime import datetime, timedelta

from handlers.contract.alarm_routes import AlarmDescription, AlarmRoute
from handlers.slack import blocks, console_links
from handlers.slack.blocks import GREEN, GREY, RED, YELLOW, Block, Row
from handlers.slack.notices import AlarmChange, Measured
from handlers.slack.style import Style
from handlers.slack.texts import Words, duration

_MOST_LISTED = 10
_BEFORE, _AFTER = timedelta(minutes=60), timedelta(minutes=10)


def alarm_message(change: AlarmChange, alarm_since: datetime | None, style: Style) -> Block:
    """An alarm's change. alarm_since: when it went into ALARM, if it is over and that is known."""
    words = style.words
    headline, colour = _look(change, words)
    label = words.since if change.state == "ALARM" else words.over
    details: list[Row] = [
        (words.state, blocks.value(f"{change.previous} → {change.state}")),
        (label, blocks.moment(change.changed_at)),
    ]
    if alarm_since and change.state != "ALARM":
        lasted = duration(words, change.changed_at - alarm_since)
        details += [
            (words.since, blocks.moment(alarm_since)),
            (words.lasted, blocks.value(lasted)),
        ]
    what_to_do = _what_to_do(change.description, style)
    runbook = _runbook(change, style)
    start = (alarm_since or change.changed_at) - _BEFORE
    groups = style.log_groups
    logs = console_links.what_fails(style.region, groups, start, change.changed_at + _AFTER)
    shown = [
        *([blocks.text(what_to_do)] if what_to_do else []),
        *blocks.rows(details),
        *_figures(change, style),
        *([blocks.text(change.reason)] if change.reason and not _has_figures(change) else []),
        blocks.links(
            [
                (words.to_alarm, console_links.alarm(change.arn)),
                (words.to_logs, logs),
                *([(words.to_runbook, runbook)] if runbook else []),
                (words.to_dashboard, style.dashboard),
            ]
        ),
    ]
    is_escalation = change.route is AlarmRoute.ESCALATION and change.state == "ALARM"
    return blocks.message(headline, colour, shown, style.mention if is_escalation else "")


def _look(change: AlarmChange, words: Words) -> tuple[str, str]:
    name = change.name
    if change.state == "OK":
        return words.recovered.format(name=name), GREEN
    if change.state == "INSUFFICIENT_DATA":
        return words.unknown.format(name=name), GREY
    match change.route:
        case AlarmRoute.ESCALATION:
            return words.escalation.format(name=name), RED
        case AlarmRoute.NOTICES | AlarmRoute.CHORES:
            return words.notice.format(name=name), YELLOW
        case _:
            return words.alarm.format(name=name), RED


def _has_figures(change: AlarmChange) -> bool:
    return any(each.value is not None for each in change.measured)


def _figures(change: AlarmChange, style: Style) -> list[Block]:
    words = style.words
    if change.state != "ALARM" or not change.measured:
        return []
    shown = [blocks.ours(f"*{words.values}*")]
    for each in change.measured[:_MOST_LISTED]:
        advice = _what_to_do(each.description, style)
        figure = f"{each.alarm}: {_figure(each, words)}"
        shown.append(blocks.text("\n".join(filter(None, (figure, advice)))))
    if len(change.measured) > _MOST_LISTED:
        shown.append(blocks.ours(words.more.format(count=len(change.measured) - _MOST_LISTED)))
    return shown


def _figure(measured: Measured, words: Words) -> str:
    if measured.threshold is None:
        return words.no_value
    value = "?" if measured.value is None else f"{measured.value:g}"
    return words.value.format(value=value, sign=measured.sign, threshold=f"{measured.threshold:g}")


def _what_to_do(description: str, style: Style) -> str:
    """An alarm's advice in the stack's language; without the runbook where that becomes a link."""
    fields = AlarmDescription.read(description)
    if fields is None:
        return description.strip()
    advice = fields.text.in_language(style.language)
    is_linked = style.has_runbook_link and fields.runbook == style.runbook
    return advice if is_linked else f"{advice}\n{fields.section}"


def _runbook(change: AlarmChange, style: Style) -> str:
    """The section to read, the first child's before the composite's: it says more.

    Only the stack's own runbook becomes a link, whatever address a description holds.
    """
    if not style.has_runbook_link:
        return ""
    descriptions = [*(each.description for each in change.measured), change.description]
    fields = (AlarmDescription.read(description) for description in descriptions)
    sections = (each.section for each in fields if each and each.runbook == style.runbook)
    return next(sections, style.runbook)

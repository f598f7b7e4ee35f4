"""The Slack message of an alarm: its state, since when, value and threshold, what to do."""

from datetime import datetime, timedelta

from handlers.contract.alarm_routes import AlarmDescription, AlarmRoute
from handlers.slack import blocks, console_links
from handlers.slack.blocks import GREEN, GREY, RED, YELLOW, Block, Row
from handlers.slack.notices import AlarmNotice, AlarmValue
from handlers.slack.style import Style
from handlers.slack.texts import Texts, duration

_MOST_LISTED = 10
_BEFORE, _AFTER = timedelta(minutes=60), timedelta(minutes=10)


def alarm_message(notice: AlarmNotice, alarm_since: datetime | None, style: Style) -> Block:
    """The message. alarm_since: when an alarm that has recovered went into ALARM, if known."""
    texts = style.texts
    headline, colour = _look(notice, texts)
    label = texts.since if notice.state == "ALARM" else texts.recovered_at
    details: list[Row] = [
        (texts.state, blocks.value(f"{notice.previous} → {notice.state}")),
        (label, blocks.moment(notice.changed_at)),
    ]
    if alarm_since and notice.state != "ALARM":
        lasted = duration(texts, notice.changed_at - alarm_since)
        details += [
            (texts.since, blocks.moment(alarm_since)),
            (texts.lasted, blocks.value(lasted)),
        ]
    what_to_do = _what_to_do(notice.description, style)
    runbook = _runbook(notice, style)
    start = (alarm_since or notice.changed_at) - _BEFORE
    groups = style.log_groups
    logs = console_links.failures(style.region, groups, start, notice.changed_at + _AFTER)
    shown = [
        *([blocks.text(what_to_do)] if what_to_do else []),
        *blocks.rows(details),
        *_value_blocks(notice, style),
        *([blocks.text(notice.reason)] if notice.reason and not _has_values(notice) else []),
        blocks.links(
            [
                (texts.to_alarm, console_links.alarm(notice.arn)),
                (texts.to_logs, logs),
                *([(texts.to_runbook, runbook)] if runbook else []),
                (texts.to_dashboard, style.dashboard),
            ]
        ),
    ]
    is_escalation = notice.route is AlarmRoute.ESCALATION and notice.state == "ALARM"
    return blocks.message(headline, colour, shown, style.mention if is_escalation else "")


def _look(notice: AlarmNotice, texts: Texts) -> tuple[str, str]:
    name = notice.name
    if notice.state == "OK":
        return texts.recovered.format(name=name), GREEN
    if notice.state == "INSUFFICIENT_DATA":
        return texts.unknown.format(name=name), GREY
    match notice.route:
        case AlarmRoute.ESCALATION:
            return texts.escalation.format(name=name), RED
        case AlarmRoute.NOTICES | AlarmRoute.CHORES:
            return texts.notice.format(name=name), YELLOW
        case _:
            return texts.alarm.format(name=name), RED


def _has_values(notice: AlarmNotice) -> bool:
    """Whether the values are shown, so that CloudWatch's reason adds nothing."""
    return any(each.is_known for each in notice.values)


def _value_blocks(notice: AlarmNotice, style: Style) -> list[Block]:
    texts = style.texts
    if notice.state != "ALARM" or not notice.values:
        return []
    shown = [blocks.markup(f"*{texts.values}*")]
    for each in notice.values[:_MOST_LISTED]:
        advice = _what_to_do(each.description, style)
        line = f"{each.alarm}: {_value_line(each, texts)}"
        # The notice's own reason is shown once, below.
        reason = "" if each.is_known or each.reason == notice.reason else each.reason
        shown.append(blocks.text("\n".join(filter(None, (line, reason, advice)))))
    if len(notice.values) > _MOST_LISTED:
        shown.append(blocks.markup(texts.more.format(count=len(notice.values) - _MOST_LISTED)))
    return shown


def _value_line(alarm: AlarmValue, texts: Texts) -> str:
    value = "?" if alarm.value is None else f"{alarm.value:g}"
    if alarm.threshold is None:
        return texts.no_value if alarm.value is None else value
    return texts.value.format(value=value, sign=alarm.sign, threshold=f"{alarm.threshold:g}")


def _what_to_do(description: str, style: Style) -> str:
    """The description in the stack's language, without the section that becomes a link."""
    fields = AlarmDescription.read(description)
    if fields is None:
        return description.strip()
    advice = fields.text.in_language(style.language)
    is_linked = style.has_runbook_link and fields.runbook == style.runbook
    return advice if is_linked else f"{advice}\n{fields.section}"


def _runbook(notice: AlarmNotice, style: Style) -> str:
    """The URL of the runbook's section; a child alarm's is more exact than its composite's.

    A description is text from outside: only the URL of the stack's own runbook becomes a link.
    """
    if not style.has_runbook_link:
        return ""
    descriptions = [*(each.description for each in notice.values), notice.description]
    fields = (AlarmDescription.read(description) for description in descriptions)
    sections = (each.section for each in fields if each and each.runbook == style.runbook)
    return next(sections, style.runbook)

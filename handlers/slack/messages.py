"""A notice, or many of one kind, as one message."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from handlers.contract import ExecutionStatus
from handlers.slack import blocks, console_links
from handlers.slack.blocks import GREEN, GREY, ORANGE, RED, YELLOW, Block, Row
from handlers.slack.notices import AlarmChange, Ending, Measured, Remark
from handlers.slack.words import WORDS, Language, Words, duration

_MOST_LISTED = 10
_BEFORE, _AFTER = timedelta(minutes=60), timedelta(minutes=10)
_AROUND_AN_EXECUTION = timedelta(minutes=5)
_LOGS_LIMIT = 50
"""Log groups in one query of Logs Insights (CloudWatch Logs User Guide: quotas)."""

RUNBOOK_OF_ENDINGS = "workflow-failed-actions-high"
"""The runbook's section on why actions fail."""

_LANGUAGES: tuple[Language, ...] = ("ja", "en")
"""The lines of an alarm's description; after them comes the runbook (components/alarm.py)."""

_COLOURS = {
    ExecutionStatus.SUCCEEDED: GREEN,
    ExecutionStatus.PARTIALLY_SUCCEEDED: ORANGE,
    ExecutionStatus.ABORTED: GREY,
}
"""Of endings; every other is red."""


@dataclass(frozen=True)
class Style:
    """How this stack tells.

    escalate_percent: from this share of failed actions on an ending is an escalation.
    mention: whom an escalation calls, in Slack's markup; empty for nobody.
    runbook, dashboard: URLs, without an anchor. region, log_groups: where the logs are.
    """

    language: Language
    escalate_percent: float
    mention: str
    runbook: str
    dashboard: str
    region: str
    log_groups: tuple[str, ...]

    @property
    def has_runbook_link(self) -> bool:
        """Whether the runbook has an address; it may be a path in the checkout."""
        return self.runbook.startswith("https://")

    @property
    def words(self) -> Words:
        """The words of the language."""
        return WORDS[self.language]

    def is_escalation(self, ending: Ending) -> bool:
        """Whether so much failed that somebody is called."""
        is_failure = ending.status != ExecutionStatus.ABORTED and ending.failed > 0
        return is_failure and ending.failed_percent >= self.escalate_percent


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
    groups = style.log_groups[:_LOGS_LIMIT]
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
    is_escalation = _is_escalation(change) and change.state == "ALARM"
    return blocks.message(headline, colour, shown, style.mention if is_escalation else "")


def ending_message(ending: Ending, style: Style) -> Block:
    """One execution's ending."""
    words = style.words
    escalates = style.is_escalation(ending)
    headline = words.statuses[ending.status]
    if escalates:
        headline = words.many_failed.format(percent=round(ending.failed_percent))
    counts = words.counts.format(
        succeeded=ending.succeeded, failed=ending.failed, total=ending.total
    )
    details: list[Row] = [
        (words.state, blocks.exact(ending.status)),
        (words.actions, blocks.exact(counts)),
        (words.goal, blocks.exact(ending.goal_id)),
        (words.until, blocks.moment(ending.ended_at)),
    ]
    if ending.started_at:
        took = duration(words, ending.ended_at - ending.started_at)
        details[3:3] = [(words.started, blocks.moment(ending.started_at))]
        details.append((words.took, blocks.exact(took)))
    if ending.error_code:
        details.append((words.error, blocks.exact(ending.error_code)))
    arn = blocks.labelled(words.execution, blocks.exact(ending.execution_arn))
    shown = [*blocks.rows(details), *arn, blocks.links(_links([ending], style))]
    colour = RED if escalates else _COLOURS.get(ending.status, RED)
    return blocks.message(headline, colour, shown, style.mention if escalates else "")


def endings_message(endings: Sequence[Ending], style: Style) -> Block:
    """Many endings in one message: how many of each, the errors, and the worst of them."""
    words = style.words
    worst_first = sorted(endings, key=lambda ending: (-ending.failed_percent, ending.ended_at))
    statuses = Counter(ending.status for ending in endings)
    errors = Counter(ending.error_code for ending in endings if ending.error_code)
    succeeded, failed = (sum(e.succeeded for e in endings), sum(e.failed for e in endings))
    counts = words.counts.format(
        succeeded=succeeded, failed=failed, total=sum(e.total for e in endings)
    )
    details: list[Row] = [
        (words.statuses[status], blocks.exact(str(count))) for status, count in statuses.items()
    ]
    details += [
        (words.actions, blocks.exact(counts)),
        (words.first, blocks.moment(min(ending.ended_at for ending in endings))),
    ]
    if errors:
        listed = ", ".join(f"{code} ×{count}" for code, count in errors.most_common())
        details.append((words.error, blocks.exact(listed)))
    lines = [
        f"• <{console_links.execution(each.execution_arn)}|{each.execution_id}>"
        f"  {each.status}  {each.failed}/{each.total}"
        for each in worst_first[:_MOST_LISTED]
    ]
    if len(endings) > _MOST_LISTED:
        lines.append(words.more.format(count=len(endings) - _MOST_LISTED))
    # Two paragraphs: a link alone takes some 250 of the 3,000 characters.
    half = _MOST_LISTED // 2
    shown = [
        *blocks.rows(details),
        *[blocks.ours("\n".join(part)) for part in (lines[:half], lines[half:]) if part],
        blocks.links(_links(endings, style)),
    ]
    escalates = any(style.is_escalation(ending) for ending in endings)
    headline = words.several.format(count=len(endings))
    mark = "🚨" if escalates else "🟠"
    colour = RED if escalates else ORANGE
    mention = style.mention if escalates else ""
    return blocks.message(f"{mark} {headline}", colour, shown, mention)


def remark_message(remark: Remark, times: int, style: Style) -> Block:
    """What somebody else published, letter by letter."""
    words = style.words
    shown = [blocks.text(remark.text), *blocks.rows([(words.since, blocks.moment(remark.at))])]
    if times > 1:
        shown.append(blocks.ours(words.repeated.format(count=times)))
    headline = f"{words.remark}: {remark.subject}" if remark.subject else words.remark
    return blocks.message(headline, GREY, shown)


def _look(change: AlarmChange, words: Words) -> tuple[str, str]:
    name = change.name
    if change.state == "OK":
        return words.recovered.format(name=name), GREEN
    if change.state == "INSUFFICIENT_DATA":
        return words.unknown.format(name=name), GREY
    if _is_escalation(change):
        return words.escalation.format(name=name), RED
    if name.endswith("-notices"):
        return words.notice.format(name=name), YELLOW
    return words.alarm.format(name=name), RED


def _is_escalation(change: AlarmChange) -> bool:
    return change.name.endswith("-escalation")


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


def _links(endings: Sequence[Ending], style: Style) -> list[tuple[str, str]]:
    words, groups = style.words, style.log_groups[:_LOGS_LIMIT]
    start = min(each.started_at or each.ended_at - _BEFORE for each in endings)
    end = max(each.ended_at for each in endings)
    span = (start - _AROUND_AN_EXECUTION, end + _AROUND_AN_EXECUTION)
    shown: list[tuple[str, str]] = []
    if len(endings) == 1:
        one = endings[0]
        logs = console_links.story_of(one.execution_id, style.region, groups, *span)
        shown.append((words.to_execution, console_links.execution(one.execution_arn)))
    else:
        logs = console_links.what_fails(style.region, groups, *span)
    if style.has_runbook_link:
        shown.append((words.to_runbook, f"{style.runbook}#{RUNBOOK_OF_ENDINGS}"))
    return [*shown, (words.to_logs, logs), (words.to_dashboard, style.dashboard)]


def _what_to_do(description: str, style: Style) -> str:
    """An alarm's advice in the stack's language; without the runbook where that becomes a link."""
    lines = description.splitlines()
    if len(lines) == len(_LANGUAGES) + 1:
        lines = [lines[_LANGUAGES.index(style.language)], lines[-1]]
    if style.has_runbook_link:
        lines = [line for line in lines if not line.startswith(style.runbook)]
    return "\n".join(lines).strip()


def _runbook(change: AlarmChange, style: Style) -> str:
    """The section to read: the first child's, for it says more; no URL but ours is a link."""
    if not style.has_runbook_link:
        return ""
    section = re.compile(rf"^{re.escape(style.runbook)}#[\w-]+$", re.MULTILINE | re.ASCII)
    descriptions = [*(each.description for each in change.measured), change.description]
    found = (section.search(description) for description in descriptions)
    return next((match[0] for match in found if match), style.runbook)

"""Endings of executions as a message: one in detail, or many folded into one."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from handlers.contract.statuses import ExecutionStatus
from handlers.slack import blocks, console_links
from handlers.slack.blocks import GREEN, GREY, ORANGE, RED, Block, Row
from handlers.slack.notices import Ending
from handlers.slack.style import Style
from handlers.slack.texts import duration

RUNBOOK_OF_ENDINGS = "workflow-failed-actions-high"
"""The runbook's section on why actions fail."""

_MOST_LISTED = 10
_LONGEST = timedelta(minutes=60)
_AROUND = timedelta(minutes=5)
_COLOURS = {
    ExecutionStatus.SUCCEEDED: GREEN,
    ExecutionStatus.PARTIALLY_SUCCEEDED: ORANGE,
    ExecutionStatus.ABORTED: GREY,
}
"""Of endings; every other is red."""


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


def _links(endings: Sequence[Ending], style: Style) -> list[tuple[str, str]]:
    words, groups = style.words, style.log_groups
    start = min(each.started_at or each.ended_at - _LONGEST for each in endings)
    end = max(each.ended_at for each in endings)
    span = (start - _AROUND, end + _AROUND)
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

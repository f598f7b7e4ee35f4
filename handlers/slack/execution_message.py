"""The Slack message of an ended execution, or of many in one message."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from handlers.contract.statuses import ExecutionStatus
from handlers.slack import blocks, console_links
from handlers.slack.blocks import GREEN, GREY, ORANGE, RED, Block, Row
from handlers.slack.notices import ExecutionNotice
from handlers.slack.style import Style
from handlers.slack.texts import duration

RUNBOOK_SECTION = "workflow-failed-actions-high"
"""The section of the runbook on failed actions."""

_MOST_LISTED = 10
_LONGEST = timedelta(minutes=60)
_AROUND = timedelta(minutes=5)
_COLOURS = {
    ExecutionStatus.SUCCEEDED: GREEN,
    ExecutionStatus.PARTIALLY_SUCCEEDED: ORANGE,
    ExecutionStatus.ABORTED: GREY,
}
"""By status; any other is red."""


def execution_message(notice: ExecutionNotice, style: Style) -> Block:
    """The message of one execution."""
    texts = style.texts
    escalates = style.is_escalation(notice)
    headline = texts.statuses[notice.status]
    if escalates:
        headline = texts.many_failed.format(percent=round(notice.failed_percent))
    counts = texts.counts.format(
        succeeded=notice.succeeded, failed=notice.failed, total=notice.total
    )
    details: list[Row] = [
        (texts.state, blocks.exact(notice.status)),
        (texts.actions, blocks.exact(counts)),
        (texts.goal, blocks.exact(notice.goal_id)),
        (texts.ended, blocks.moment(notice.ended_at)),
    ]
    if notice.started_at:
        took = duration(texts, notice.ended_at - notice.started_at)
        details[3:3] = [(texts.started, blocks.moment(notice.started_at))]
        details.append((texts.took, blocks.exact(took)))
    if notice.error_code:
        details.append((texts.error, blocks.exact(notice.error_code)))
    arn = blocks.labelled(texts.execution, blocks.exact(notice.execution_arn))
    shown = [*blocks.rows(details), *arn, blocks.links(_links([notice], style))]
    colour = RED if escalates else _COLOURS.get(notice.status, RED)
    return blocks.message(headline, colour, shown, style.mention if escalates else "")


def executions_message(notices: Sequence[ExecutionNotice], style: Style) -> Block:
    """The message of many executions: counts by status, error codes, and the worst ten."""
    texts = style.texts
    worst_first = sorted(notices, key=lambda notice: (-notice.failed_percent, notice.ended_at))
    statuses = Counter(notice.status for notice in notices)
    errors = Counter(notice.error_code for notice in notices if notice.error_code)
    succeeded, failed = (sum(e.succeeded for e in notices), sum(e.failed for e in notices))
    counts = texts.counts.format(
        succeeded=succeeded, failed=failed, total=sum(e.total for e in notices)
    )
    details: list[Row] = [
        (texts.statuses[status], blocks.exact(str(count))) for status, count in statuses.items()
    ]
    details += [
        (texts.actions, blocks.exact(counts)),
        (texts.first_ended, blocks.moment(min(notice.ended_at for notice in notices))),
    ]
    if errors:
        listed = ", ".join(f"{code} ×{count}" for code, count in errors.most_common())
        details.append((texts.error, blocks.exact(listed)))
    lines = [
        f"• <{console_links.execution(each.execution_arn)}|{each.execution_id}>"
        f"  {each.status}  {each.failed}/{each.total}"
        for each in worst_first[:_MOST_LISTED]
    ]
    if len(notices) > _MOST_LISTED:
        lines.append(texts.more.format(count=len(notices) - _MOST_LISTED))
    # In two paragraphs: one link has about 250 characters, a paragraph 3,000 at most.
    half = _MOST_LISTED // 2
    shown = [
        *blocks.rows(details),
        *(blocks.markup("\n".join(part)) for part in (lines[:half], lines[half:]) if part),
        blocks.links(_links(notices, style)),
    ]
    escalates = any(style.is_escalation(notice) for notice in notices)
    headline = texts.many_ended.format(count=len(notices))
    mark = "🚨" if escalates else "🟠"
    colour = RED if escalates else ORANGE
    mention = style.mention if escalates else ""
    return blocks.message(f"{mark} {headline}", colour, shown, mention)


def _links(notices: Sequence[ExecutionNotice], style: Style) -> list[tuple[str, str]]:
    texts, groups = style.texts, style.log_groups
    start = min(each.started_at or each.ended_at - _LONGEST for each in notices)
    end = max(each.ended_at for each in notices)
    span = (start - _AROUND, end + _AROUND)
    shown: list[tuple[str, str]] = []
    if len(notices) == 1:
        one = notices[0]
        logs = console_links.logs_of(one.execution_id, style.region, groups, *span)
        shown.append((texts.to_execution, console_links.execution(one.execution_arn)))
    else:
        logs = console_links.failures(style.region, groups, *span)
    if style.has_runbook_link:
        shown.append((texts.to_runbook, f"{style.runbook}#{RUNBOOK_SECTION}"))
    return [*shown, (texts.to_logs, logs), (texts.to_dashboard, style.dashboard)]

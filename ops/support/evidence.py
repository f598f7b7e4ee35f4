"""Collect what the guide's last page asks for: the calls. Nothing here is redacted yet."""

import platform
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import Any

from components.settings import Settings, SettingsError
from declared.program import ROOT
from handlers.storage.execution_records import ExecutionRecord
from handlers.storage.models import WorkItem
from ops.executions.reading import list_executions, record_of, table_of
from ops.logs.lines import LogLine
from ops.logs.reading import groups, read_lines
from ops.rollback.versions import NAMES, read_content, read_owner
from ops.settings import settings_of
from ops.stack import Stack
from ops.trace.attempts import Event
from ops.trace.draw import history
from ops.verify.expected import digest

_AROUND = timedelta(minutes=1)
_MOST_LINES = 5000


@dataclass(frozen=True)
class ExecutionEvidence:
    """One execution: its record, its work items and Step Functions' history."""

    record: ExecutionRecord
    items: Sequence[WorkItem]
    history: Sequence[Event]


@dataclass(frozen=True)
class Evidence:
    """Everything that a bundle is made of, as AWS and the checkout hold it.

    settings: None if the stack's file is not valid. versions: subject -> facts.
    alarms, alarm_history: as CloudWatch returns them. lines: of all logs from `first` to `last`.
    """

    executions: Sequence[ExecutionEvidence]
    settings: Settings | None
    versions: dict[str, dict[str, str]]
    alarms: Sequence[dict[str, Any]]
    alarm_history: Sequence[dict[str, Any]]
    lines: Sequence[LogLine]
    first: datetime
    last: datetime


def chosen(stack: Stack, execution_id: str | None, latest: int) -> list[str]:
    """The ids of the bundle's executions: the one that was named, or else the latest."""
    if execution_id:
        return [execution_id]
    found = list_executions(stack, goal_id=None, status=None, since=None, limit=latest)
    return [each.execution_id for each in found]


def collect(stack: Stack, execution_ids: Sequence[str], now: datetime) -> Evidence:
    """The evidence of these executions and of their time; of the last hour if there are none."""
    executions = [_execution(stack, each) for each in execution_ids]
    starts = [datetime.fromisoformat(each.record.started_at) for each in executions]
    ends = [
        datetime.fromisoformat(each.record.stopped_at) if each.record.stopped_at else now
        for each in executions
    ]
    first = min(starts, default=now - timedelta(hours=1)) - _AROUND
    last = max(ends, default=now) + _AROUND
    alarms, changes = _alarms(stack, first, last)
    return Evidence(
        executions=executions,
        settings=_settings(stack.names.environment),
        versions=_versions(stack),
        alarms=alarms,
        alarm_history=changes,
        lines=read_lines(stack, groups(stack), first, last)[-_MOST_LINES:],
        first=first.astimezone(UTC),
        last=last.astimezone(UTC),
    )


def _execution(stack: Stack, execution_id: str) -> ExecutionEvidence:
    record = record_of(stack, execution_id)
    items = table_of(stack).work_items.of(execution_id)
    events = history(stack.client("stepfunctions"), record.execution_arn)
    return ExecutionEvidence(record, items, events)


def _settings(stack: str) -> Settings | None:
    try:
        return settings_of(stack)
    except SettingsError:  # its message quotes the value
        return None


def _versions(stack: Stack) -> dict[str, dict[str, str]]:
    found = {
        "checkout": {
            "commit": _git("rev-parse", "HEAD") or "unknown",
            "changed": str(len(_git("status", "--porcelain").splitlines())),
        },
        "tools": {name: version(name) for name in ("boto3", "botocore", "pulumi", "pulumi-aws")},
    }
    found["tools"]["python"] = platform.python_version()
    for name in NAMES:
        owner = read_owner(stack, name)
        content = read_content(stack, name, owner.live)
        facts = {k: v for k, v in content.facts.items() if not k.startswith("variable ")}
        if content.definition:
            facts["definition"] = digest(content.definition)
        found[name] = {"live": str(owner.live), "newest": str(owner.newest), **facts}
    return found


def _git(*arguments: str) -> str:
    try:
        ran = subprocess.run(
            ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return ran.stdout.strip()


def _alarms(
    stack: Stack, first: datetime, last: datetime
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    client = stack.client("cloudwatch")
    types = ["MetricAlarm", "CompositeAlarm"]
    pages = client.get_paginator("describe_alarms").paginate(
        AlarmNamePrefix=stack.names.prefix, AlarmTypes=types
    )
    kinds = ("MetricAlarms", "CompositeAlarms")
    alarms = [each for page in pages for kind in kinds for each in page.get(kind, [])]
    pages = client.get_paginator("describe_alarm_history").paginate(
        AlarmTypes=types, StartDate=first, EndDate=last
    )
    changes = [each for page in pages for each in page["AlarmHistoryItems"]]
    return alarms, [each for each in changes if each["AlarmName"].startswith(stack.names.prefix)]

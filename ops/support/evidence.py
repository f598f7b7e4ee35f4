"""Collect what the guide's last page asks for: the calls. Nothing here is redacted yet."""

import platform
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import Any, Protocol, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from components.names import ALIAS
from components.settings import STATE_MACHINE_PIN, Settings, SettingsError
from declared.program import ROOT
from handlers.storage.execution_records import ExecutionRecord
from handlers.storage.models import WorkItem
from ops.executions.reading import list_executions, list_records, record_of, table_of
from ops.logs.lines import LogLine
from ops.logs.reading import groups, read_lines
from ops.problems import OperatorError, sentence
from ops.rollback.versions import NAMES, read_content, read_function, read_owner
from ops.settings import settings_of
from ops.stack import Stack
from ops.trace.attempts import Event
from ops.trace.draw import history
from ops.verify.expected import digest

_AROUND = timedelta(minutes=1)
_LONGEST = timedelta(hours=1)
"""Executions that began this long before may still have written lines."""

_MOST_EXECUTIONS = 200
_MOST_LINES = 5000
_T = TypeVar("_T")


class _Ask(Protocol):
    def __call__(self, part: str, call: Callable[[], _T], otherwise: _T) -> _T: ...


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
    goal_texts: of every execution of that time, since a line may be about any of them.
    unread: part -> why AWS did not answer; the rest is a bundle all the same.
    """

    executions: Sequence[ExecutionEvidence]
    settings: Settings | None
    versions: dict[str, dict[str, str]]
    alarms: Sequence[dict[str, Any]]
    alarm_history: Sequence[dict[str, Any]]
    lines: Sequence[LogLine]
    first: datetime
    last: datetime
    goal_texts: frozenset[str] = frozenset()
    unread: Mapping[str, str] = field(default_factory=dict[str, str])


def chosen(stack: Stack, execution_id: str | None, latest: int) -> list[str]:
    """The ids of the bundle's executions: the one that was named, or else the latest."""
    if execution_id:
        return [execution_id]
    found = list_executions(stack, goal_id=None, status=None, since=None, limit=latest)
    return [each.execution_id for each in found]


def collect(stack: Stack, execution_ids: Sequence[str], now: datetime) -> Evidence:
    """The evidence of these executions and of their time; of the last hour if there are none."""
    unread: dict[str, str] = {}

    def ask(part: str, call: Callable[[], _T], otherwise: _T) -> _T:
        try:
            return call()
        except (BotoCoreError, ClientError) as error:
            unread[part] = sentence(error)
        except OperatorError as error:
            unread[part] = str(error)
        return otherwise

    executions = [_execution(stack, each, ask) for each in execution_ids]
    starts = [datetime.fromisoformat(each.record.started_at) for each in executions]
    ends = [
        datetime.fromisoformat(each.record.stopped_at) if each.record.stopped_at else now
        for each in executions
    ]
    first = min(starts, default=now - timedelta(hours=1)) - _AROUND
    last = max(ends, default=now) + _AROUND
    texts = _goal_texts(stack, executions, first - _LONGEST)
    alarms, changes = ask("alarms", lambda: _alarms(stack, first, last), ([], []))
    lines = ask("logs", lambda: read_lines(stack, groups(stack), first, last), [])
    return Evidence(
        executions=executions,
        settings=_settings(stack.names.environment),
        versions={**_tools(), **ask("versions", lambda: _versions(stack), {})},
        alarms=alarms,
        alarm_history=changes,
        lines=lines[-_MOST_LINES:],
        first=first.astimezone(UTC),
        last=last.astimezone(UTC),
        goal_texts=texts,
        unread=unread,
    )


def _goal_texts(
    stack: Stack, executions: Sequence[ExecutionEvidence], since: datetime
) -> frozenset[str]:
    """Without them no bundle is made: they must not leave."""
    others = list_records(stack, since=since, limit=_MOST_EXECUTIONS)
    named = {each.record.execution_id for each in executions}
    items = [item for each in executions for item in each.items]
    for record in others:
        if record.execution_id not in named:
            items += table_of(stack).work_items.of(record.execution_id)
    return frozenset(
        str(text)
        for item in items
        for text in asdict(item.context).values()
        if text and text != item.context.action_type
    )


def _execution(stack: Stack, execution_id: str, ask: _Ask) -> ExecutionEvidence:
    record = record_of(stack, execution_id)
    items = table_of(stack).work_items.of(execution_id)
    machine = stack.client("stepfunctions")
    events = ask("history", lambda: history(machine, record.execution_arn), [])
    return ExecutionEvidence(record, items, events)


def _settings(stack: str) -> Settings | None:
    try:
        return settings_of(stack)
    except SettingsError:  # its message quotes the value
        return None


def _tools() -> dict[str, dict[str, str]]:
    packages = ("boto3", "botocore", "pulumi", "pulumi-aws")
    return {
        "checkout": {
            "commit": _git("rev-parse", "HEAD") or "unknown",
            "changed": str(len(_git("status", "--porcelain").splitlines())),
        },
        "tools": {
            "python": platform.python_version(),
            **{name: version(name) for name in packages},
        },
    }


def _versions(stack: Stack) -> dict[str, dict[str, str]]:
    found = dict[str, dict[str, str]]()
    for name in NAMES:
        owner = read_owner(stack, name)
        if name == STATE_MACHINE_PIN:
            content = read_content(stack, name, owner.live)
        else:  # by the alias: who only looks may ask for no version by its number
            content = read_function(stack, name, ALIAS)
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

"""Work through a check-list: each of its lines becomes an item, whatever fails on the way."""

from collections.abc import Callable
from datetime import datetime, timedelta

from botocore.exceptions import BotoCoreError, ClientError

from components.settings import Settings
from declared.program import ROOT
from ops.maintenance import backups, judging, reading
from ops.maintenance.auditing import read_audit
from ops.maintenance.checklist import DAYS, GUIDE, Cadence, Item, not_done
from ops.maintenance.costs import costs, read_bill
from ops.maintenance.security import security
from ops.problems import OperatorError, sentence
from ops.stack import Stack
from ops.tune.metrics import Span, read_metrics
from ops.tune.reading import quota_of

ARCHIVES = ROOT / ".ops" / "backups"
"""Where `ops backup` puts its archives; Git ignores it."""


def work_through(stack: Stack, cadence: Cadence, settings: Settings, now: datetime) -> list[Item]:
    """An item for each line of the guide's list, in its order.

    What AWS refuses to show is not done: nobody has looked at it.
    """
    span = Span(now - timedelta(days=DAYS[cadence]), now)
    found = list[Item]()
    for _, name in GUIDE[cadence]:
        try:
            found.append(_ITEMS[name](stack, settings, span))
        except (BotoCoreError, ClientError) as error:
            found.append(not_done(name, sentence(error)))
        except OperatorError as error:
            found.append(not_done(name, str(error)))
    return found


def _logs(stack: Stack, _settings: Settings, span: Span) -> Item:
    days = (span.last - span.first).days
    return judging.logs(
        reading.read_errors(stack, span), reading.read_errors(stack, span.before), days
    )


def _error_rate(stack: Stack, settings: Settings, span: Span) -> Item:
    functions = reading.read_functions(stack, span, with_memory=False)
    return judging.error_rate(reading.read_endings(stack, span), functions, settings.alarms)


def _execution_time(stack: Stack, settings: Settings, span: Span) -> Item:
    before = reading.read_endings(stack, span.before)
    return judging.execution_time(reading.read_endings(stack, span), before, settings)


def _metrics(stack: Stack, settings: Settings, span: Span) -> Item:
    wanted = reading.guide_metrics(stack)
    return judging.metrics(
        read_metrics(stack, wanted, span),
        read_metrics(stack, wanted, span.before),
        reading.limits(wanted, settings, quota_of(stack, settings), span),
    )


def _alarms(stack: Stack, _settings: Settings, span: Span) -> Item:
    return judging.alarm_states(*reading.read_alarms(stack, span))


def _performance(stack: Stack, settings: Settings, span: Span) -> Item:
    functions = reading.read_functions(stack, span, with_memory=True)
    return judging.performance(functions, settings.alarms.timeout_share)


def _table_backup(stack: Stack, _settings: Settings, span: Span) -> Item:
    return backups.table_backup(*reading.read_backups(stack), span.last, stack.names.environment)


def _definition(stack: Stack, _settings: Settings, span: Span) -> Item:
    return backups.archive_backup(
        "definition backup", "state-machine/", ARCHIVES, stack.names.environment, span.last
    )


def _functions(stack: Stack, _settings: Settings, span: Span) -> Item:
    return backups.archive_backup(
        "function backup", "code/", ARCHIVES, stack.names.environment, span.last
    )


def _costs(stack: Stack, _settings: Settings, span: Span) -> Item:
    goals, executions = reading.read_goals(stack, span.first)
    return costs(read_bill(stack, span.last.date()), goals, executions)


def _security(stack: Stack, _settings: Settings, span: Span) -> Item:
    return security(read_audit(stack), span.last, stack.names.environment)


_ITEMS: dict[str, Callable[[Stack, Settings, Span], Item]] = {
    "logs": _logs,
    "error rate": _error_rate,
    "execution time": _execution_time,
    "metrics": _metrics,
    "alarms": _alarms,
    "performance": _performance,
    "table backup": _table_backup,
    "definition backup": _definition,
    "function backup": _functions,
    "costs": _costs,
    "security audit": _security,
}

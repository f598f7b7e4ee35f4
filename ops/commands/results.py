"""What the commands print with --json, field by field."""

from dataclasses import dataclass

from ops.doctor.remedies import Remedy
from ops.doctor.troubles import Trouble
from ops.executions.reading import Execution, Summary
from ops.logs.lines import LogLine
from ops.preflight.configuration import Check
from ops.prune import Version
from ops.rollback.plan import Move
from ops.verify.facts import Line


@dataclass(frozen=True)
class Picture:
    """url: of the HTML file that was written."""

    url: str


@dataclass(frozen=True)
class Pruned:
    """deleted: False where they were only listed. kept: how many of each stay at least.
    audit: the line written; "" where nothing was deleted.
    """

    deleted: bool
    kept: int
    versions: list[Version]
    audit: str


@dataclass(frozen=True)
class Verified:
    """healthy: whether every check passed."""

    healthy: bool
    checks: list[Line]


@dataclass(frozen=True)
class RolledBack:
    """moved: none where nothing was left to do. note: of the pin. audit: the line written last."""

    moved: list[Move]
    note: str
    audit: str


@dataclass(frozen=True)
class ExecutionList:
    """The newest first. damaged: objects of the archive that cannot be read, and why."""

    executions: list[Summary]
    damaged: list[str]


@dataclass(frozen=True)
class Stopped:
    """was_running: False where it had ended before. execution: as it is after the stop."""

    was_running: bool
    execution: Execution
    audit: str


@dataclass(frozen=True)
class Retried:
    """execution_id: of the new execution."""

    execution_id: str
    audit: str


@dataclass(frozen=True)
class LogLines:
    """The oldest first."""

    lines: list[LogLine]


@dataclass(frozen=True)
class QueryName:
    """question: what the query answers, in Japanese and English."""

    name: str
    question: str


@dataclass(frozen=True)
class QueryAnswer:
    """queries: the one that ran, or all that there are. rows: field -> value."""

    queries: list[QueryName]
    rows: list[dict[str, str]]


@dataclass(frozen=True)
class Cured:
    """outcome: what was found after it, or why it did not help. audit: "" if it was not begun."""

    remedy: Remedy
    outcome: str
    audit: str


@dataclass(frozen=True)
class Diagnosis:
    """All five troubles, in the guide's order.

    remedies: what the doctor can do itself. done: those that were carried out, with --yes.
    """

    troubles: list[Trouble]
    remedies: list[Remedy]
    done: list[Cured]


@dataclass(frozen=True)
class Preflight:
    """failure: why the account could not be asked at all; "" if it was."""

    checks: list[Check]
    failure: str

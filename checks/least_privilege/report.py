"""Function x action x resource, granted and used: a table for people."""

from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, replace
from itertools import groupby, takewhile

from checks.least_privilege.calls import Call
from checks.least_privilege.grants import Grant
from checks.least_privilege.judge import Verdict
from checks.least_privilege.stack import Stack

RECORDED = "recorded"
_READABLE = 16

_INTRODUCTION = """\
# Grants, and the calls that need them

<!-- Written by `make grants`; a test compares it. -->

Every grant of the stack `{environment}`, with all that other settings add ({settings}), and what
needs it. *{recorded}*: such calls were made on the embedded cloud, IAM enforced, by the scenarios
of `tests/workflow/every_call.py`. What AWS does in our name, or with a permission that we gave it,
is derived from what is declared and names who says so (`checks/least_privilege/services.py`).

A test holds both directions, for every stack, by what is recorded in that very run: no call without
its grant, no grant without a call that would be refused without it. For a denial it is the other
way round: *over plain HTTP* is what has to be refused. `make grants` counts.
"""


def render(stack: Stack, verdict: Verdict, settings: str) -> str:
    """docs/grants.md; settings: those laid over the stack's own, in words."""
    introduction = _INTRODUCTION.format(
        environment=stack.environment,
        settings=settings,
        recorded=RECORDED.capitalize(),
    )
    lines = introduction.splitlines()
    by_principal = sorted(verdict.uses, key=lambda grant: (_rank(grant), grant.principal))
    for principal, grants in groupby(by_principal, key=lambda grant: grant.principal):
        cells = (_Cells.of(stack, grant, verdict.uses[grant]) for grant in grants)
        lines += ["", f"## {_title(stack, principal)}", ""]
        lines += ["| action | resource | on condition | used |", "|---|---|---|---|"]
        lines += sorted(row.line for row in _folded(cells))
    return "\n".join(lines) + "\n"


def counts(verdict: Verdict) -> str:
    """One line: both directions in numbers."""
    return (
        f"grants {len(verdict.uses)}, never used {len(verdict.unused)};"
        f" calls never granted {len(verdict.ungranted)},"
        f" never refused that had to be {len(verdict.unrefused)}"
    )


def problems(verdict: Verdict) -> Iterator[str]:
    """What is wrong, a line each; nothing if both directions hold."""
    for call in verdict.ungranted:
        yield f"never granted: {call.principal} {call.action} on {call.resource} ({_who(call)})"
    for grant in verdict.unused:
        where = f"{grant.holder}, statement {grant.statement}"
        yield f"never used: {grant.principal} {grant.action} on {grant.resource} ({where})"
    for call in verdict.unrefused:
        yield f"never refused: {call.action} on {call.resource} over plain HTTP"


def _who(call: Call) -> str:
    return call.source or RECORDED


def _rank(grant: Grant) -> int:
    """Roles before services before accounts and everybody."""
    is_service = grant.principal.endswith(".amazonaws.com")
    return 1 if is_service else 2 if grant.principal.startswith(("arn:", "*")) else 0


def _title(stack: Stack, principal: str) -> str:
    if principal == "*":
        return "everybody"
    if principal.startswith("arn:"):
        return "the account (what its IAM policies allow)"
    name = principal.removeprefix(f"goal-mandala-{stack.environment}-")
    return name.removesuffix("-role") if name != principal else principal


@dataclass(frozen=True)
class _Cells:
    """A row of the table: grants that differ in one column only share one."""

    used: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: tuple[str, ...]

    @classmethod
    def of(cls, stack: Stack, grant: Grant, calls: Iterable[Call]) -> "_Cells":
        """The row of one grant."""
        used = {_who(call) for call in calls}
        said = RECORDED if RECORDED in used else "; ".join(sorted(used)) or "**never**"
        conditions = (f"{key} `{_short(stack, value)}`" for _, key, value in grant.conditions)
        return cls(
            said if grant.allows else f"over plain HTTP: {said}",
            (f"`{grant.action}`" if grant.allows else f"**deny** `{grant.action}`",),
            (f"`{_short(stack, grant.resource)}`",),
            ("; ".join(conditions),),
        )

    @property
    def line(self) -> str:
        """In Markdown."""
        columns = (self.actions, self.resources, self.conditions)
        return f"| {' | '.join(map(_cell, columns))} | {self.used} |"


def _cell(texts: tuple[str, ...]) -> str:
    """A line each; of too many to read, such as all alarms, only what they have in common."""
    if len(texts) <= _READABLE:
        return "<br>".join(texts)
    alike = takewhile(lambda column: len(set(column)) == 1, zip(*texts, strict=False))
    return f"{''.join(column[0] for column in alike)}…`, each by its name"


def _folded(rows: Iterable[_Cells]) -> list[_Cells]:
    folded = sorted(set(rows), key=astuple)
    for column in ("actions", "resources", "conditions"):
        alike: dict[_Cells, list[str]] = {}
        for row in folded:
            alike.setdefault(replace(row, **{column: ()}), []).extend(getattr(row, column))
        folded = [replace(row, **{column: tuple(texts)}) for row, texts in alike.items()]
    return folded


def _short(stack: Stack, arn: str) -> str:
    """Without what is the same in all: partition, this region and account."""
    here = f":{stack.region}:{stack.account}:"
    return arn.removeprefix("arn:aws:").replace(here, ":").replace("arn:aws:", "")

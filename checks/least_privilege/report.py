"""docs/grants.md: the grants of each principal, and the calls that need them."""

from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, replace
from itertools import groupby, takewhile

from checks.least_privilege.calls import Call
from checks.least_privilege.comparison import Comparison
from checks.least_privilege.grants import Grant
from checks.least_privilege.stack import DeclaredStack

RECORDED = "recorded"
_READABLE = 16

_INTRODUCTION = """\
# Grants, and the calls that need them

<!-- Written by `make grants`; a test compares it. -->

Every grant of the stack `{environment}` with other settings ({settings}), and what needs it.
*{recorded}*: the scenarios of `tests/workflow/every_call.py` made such calls on the embedded cloud,
which enforces IAM. The calls that AWS's services make for the product are derived from the declared
resources, each with the guide that documents it (`checks/least_privilege/services.py`).

A test checks both directions for every stack, with the calls that it records itself: no call
without its grant, no grant without a call that would be refused without it. A denial is needed by a
call *over plain HTTP* that it refuses. `make grants` counts both.
"""


def render(stack: DeclaredStack, comparison: Comparison, settings: str) -> str:
    """docs/grants.md; settings: those that override the stack's own, in words."""
    introduction = _INTRODUCTION.format(
        environment=stack.environment,
        settings=settings,
        recorded=RECORDED.capitalize(),
    )
    lines = introduction.splitlines()
    by_principal = sorted(comparison.uses, key=lambda grant: (_rank(grant), grant.principal))
    for principal, grants in groupby(by_principal, key=lambda grant: grant.principal):
        cells = (_Cells.of(stack, grant, comparison.uses[grant]) for grant in grants)
        lines += ["", f"## {_title(stack, principal)}", ""]
        lines += ["| action | resource | on condition | used |", "|---|---|---|---|"]
        lines += sorted(row.line for row in _joined(cells))
    return "\n".join(lines) + "\n"


def counts(comparison: Comparison) -> str:
    """One line with the numbers of both directions."""
    return (
        f"grants {len(comparison.uses)}, never used {len(comparison.unused)};"
        f" calls never granted {len(comparison.ungranted)},"
        f" never refused that had to be {len(comparison.unrefused)}"
    )


def problems(comparison: Comparison) -> Iterator[str]:
    """A line for each call without grant, grant without call, and call that is not refused."""
    for call in comparison.ungranted:
        yield f"never granted: {call.principal} {call.action} on {call.resource} ({_who(call)})"
    for grant in comparison.unused:
        where = f"{grant.holder}, statement {grant.statement}"
        yield f"never used: {grant.principal} {grant.action} on {grant.resource} ({where})"
    for call in comparison.unrefused:
        yield f"never refused: {call.action} on {call.resource} over plain HTTP"


def _who(call: Call) -> str:
    return call.source or RECORDED


def _rank(grant: Grant) -> int:
    """The order of principals: roles, services, then accounts and everybody."""
    is_service = grant.principal.endswith(".amazonaws.com")
    return 1 if is_service else 2 if grant.principal.startswith(("arn:", "*")) else 0


def _title(stack: DeclaredStack, principal: str) -> str:
    if principal == "*":
        return "everybody"
    if principal.startswith("arn:"):
        return "the account (what its IAM policies allow)"
    name = principal.removeprefix(f"goal-mandala-{stack.environment}-")
    return name.removesuffix("-role") if name != principal else principal


@dataclass(frozen=True)
class _Cells:
    """A row of the table: grants that differ in one column share a row."""

    used: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: tuple[str, ...]

    @classmethod
    def of(cls, stack: DeclaredStack, grant: Grant, calls: Iterable[Call]) -> "_Cells":
        """The row of one grant."""
        used = {_who(call) for call in calls}
        needed = RECORDED if RECORDED in used else "; ".join(sorted(used)) or "**never**"
        conditions = (f"{key} `{_short(stack, value)}`" for _, key, value in grant.conditions)
        return cls(
            needed if grant.allows else f"over plain HTTP: {needed}",
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
    """One text a line; of more than _READABLE, such as all alarms, their common beginning."""
    if len(texts) <= _READABLE:
        return "<br>".join(texts)
    alike = takewhile(lambda column: len(set(column)) == 1, zip(*texts, strict=False))
    return f"{''.join(column[0] for column in alike)}…`, each by its name"


def _joined(rows: Iterable[_Cells]) -> list[_Cells]:
    joined = sorted(set(rows), key=astuple)
    for column in ("actions", "resources", "conditions"):
        alike: dict[_Cells, list[str]] = {}
        for row in joined:
            alike.setdefault(replace(row, **{column: ()}), []).extend(getattr(row, column))
        joined = [replace(row, **{column: tuple(texts)}) for row, texts in alike.items()]
    return joined


def _short(stack: DeclaredStack, arn: str) -> str:
    """An ARN without partition, and without this region and account."""
    here = f":{stack.region}:{stack.account}:"
    return arn.removeprefix("arn:aws:").replace(here, ":").replace("arn:aws:", "")

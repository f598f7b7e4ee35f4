"""The text of docs/scale.md, computed from quotas, demand, simulation and lists."""

from collections.abc import Iterable, Sequence
from functools import cache

from bench.scale import quotas
from bench.scale.demand import (
    ACTIONS,
    CALL_SECONDS,
    POLL_SECONDS,
    TABLE_REQUESTS,
    TRANSITIONS,
    limits,
    watchers,
)
from bench.scale.lists import page_read
from bench.scale.simulation import Outcome, Traffic, owners, simulate
from handlers.contract.statuses import ExecutionStatus
from handlers.executions.admission import TOKENS_PER_ACTION

HEADROOM = 0.85
"""Of a quota, what admission gives out."""
SMALL, LARGE = quotas.BEDROCK_TOKENS.value, quotas.LARGE_BEDROCK_TOKENS
MINUTES = 10
_DAY = 86_400
_MOST_GOALS_WITH_CALLS = 100
"""Beyond that only the queue is simulated: a goal has 64 calls."""
_INVOCATIONS = 75
"""Start, prepare, 64 actions, 8 batches, finish."""
_TURN_REQUESTS_ALONE = 2
_WAIT_LIMIT_MINUTES = (900 - 120) / 60
"""By the default time-out, less what an execution needs to generate."""
_API_THROTTLE = 100
"""apiThrottle.rate of prod."""


@cache
def small(times: int, *, admission: bool, timeout: float = _DAY, wrong: float = 1) -> Outcome:
    """Ten minutes of goals at so many times what the quota of ap-northeast-1 allows.

    wrong: by how much the budget is higher than it should be.
    """
    budget = int(SMALL * HEADROOM * wrong) if admission else 0
    goals = MINUTES * times
    users = owners(goals, max(goals // 5, 1))
    return simulate(Traffic(users, MINUTES * 60, SMALL, budget, timeout))


@cache
def at_once(goals: int) -> Outcome:
    """Goals that start in one moment, under the quota of us-east-1."""
    users = owners(goals, max(goals // 10, 1))
    budget = int(LARGE * HEADROOM)
    return simulate(Traffic(users, 0, LARGE, budget, _DAY, calls=goals <= _MOST_GOALS_WITH_CALLS))


def requests_per_goal(goals: int) -> float:
    """Calls of functions, of the table and of the model."""
    outcome = at_once(goals)
    looks = outcome.looks / goals
    waits = looks - 1  # each is noted in the record, and is one more call of workflow-prepare
    table = TABLE_REQUESTS + outcome.turn_requests / goals - _TURN_REQUESTS_ALONE + waits
    return table + _INVOCATIONS + waits + ACTIONS


def transitions_per_goal(goals: int) -> float:
    """State transitions; a look that is not the last one takes three."""
    return TRANSITIONS + 3 * (at_once(goals).looks / goals - 1)


def document() -> str:
    """The text."""
    parts = [_head(), _quotas(), _first(), _load(), _growth(), _lists(), _cells()]
    return "\n\n".join(parts) + "\n"


def _head() -> str:
    tokens = ACTIONS * TOKENS_PER_ACTION
    return f"""\
# Scale

<!-- Written by `python -m bench.scale --write docs/scale.md`; a test compares it -->

How many goals one account carries, which quota ends that, and what happens then. Computed: quotas
are data (`bench/scale/quotas.py`), what a goal takes is counted in tests, and a simulation in
virtual time runs the product's own admission (`handlers/executions/admission.py`) against a quota
of tokens. Nothing here was measured on AWS. Assumed: a model call takes {CALL_SECONDS:g} s on
average, and an action {TOKENS_PER_ACTION:,} tokens, so a goal of {ACTIONS} actions {tokens:,}."""


def _quotas() -> str:
    rows = [
        (
            each.name,
            f"{each.value:,} {each.unit}" + (f", bucket {each.burst:,}" if each.burst else ""),
            "yes" if each.adjustable else "no",
            each.read,
            each.source,
        )
        for each in quotas.QUOTAS
    ]
    return "## Quotas of an account in ap-northeast-1\n\n" + _table(
        ("quota", "default", "can be raised", "read", "source"), rows
    )


def _first() -> str:
    rows = [
        (
            each.quota.name,
            each.takes,
            _number(each.goals_per_minute),
            "-" if each.goals_at_once is None else f"{each.goals_at_once:,}",
        )
        for each in limits()
    ]
    table = _table(("quota", "a goal takes", "goals a minute", "goals in one moment"), rows)
    share = 100 * ACTIONS * TOKENS_PER_ACTION / SMALL
    return f"""\
## What bites first

{table}

Bedrock's tokens come long before everything else: at the default one goal is {share:.0f} % of a
minute. Watching is the second: a client asks for the status every {POLL_SECONDS} seconds, so
prod's throttle of {_API_THROTTLE} requests a second serves {watchers(_API_THROTTLE):,} watchers,
and API Gateway's own quota {watchers(quotas.API_REQUESTS.value):,}. Lambda makes environments
faster than goals need them, up to its concurrency. SNS takes one message a goal, Cognito a sign-in
an hour."""


def _load() -> str:
    cases = {
        "1x, no admission": small(1, admission=False),
        "1x, admission": small(1, admission=True),
        "10x, no admission": small(10, admission=False, timeout=900),
        "10x, admission, time-out a day": small(10, admission=True),
        "10x, admission, default time-out": small(10, admission=True, timeout=900),
        "10x, a budget twice too high": small(10, admission=True, wrong=2),
    }
    rows = [
        (
            name,
            f"{each.throttle_percent:.2f} %",
            f"{each.failed_actions:,}",
            f"{each.no_turn:,}",
            f"{each.spread.p50:,.0f} s",
            f"{each.spread.p95:,.0f} s",
        )
        for name, each in cases.items()
    ]
    table = _table(
        ("load", "calls throttled", "actions failed", "no turn", "wait p50", "wait p95"), rows
    )
    return f"""\
## Ten times the load

{MINUTES} minutes of goals under the quota of ap-northeast-1; 1x is one goal a minute. Half of the
goals are one user's. Admission gives out {HEADROOM:.0%} of the quota
(`goal-mandala:admission.tokensPerMinute`).

{table}

Without admission nearly every call is refused, and most actions fail after their retries. With it
each goal waits for its turn, and says so (`waiting` in its status). A goal whose turn would come
too late for its time-out fails at once (NO_TURN): raise `workflowTimeout`, or the quota. A budget
that is too high is found out: throttled calls lower what is given out."""


def _growth() -> str:
    rows = [
        (
            f"{goals:,}",
            f"{at_once(goals).spread.p50:,.0f} s",
            f"{at_once(goals).spread.p95:,.0f} s",
            f"{at_once(goals).spread.longest:,.0f} s",
            f"{at_once(goals).spread.jain:.3f}",
            f"{requests_per_goal(goals):.0f}",
            f"{requests_per_goal(goals) / requests_per_goal(1):.3f}",
            f"{transitions_per_goal(goals):.0f}",
        )
        for goals in (1, 100, 10_000)
    ]
    table = _table(
        (
            *("goals at once", "wait p50", "p95", "longest", "Jain's index"),
            *("requests a goal", "/ of one goal", "transitions a goal"),
        ),
        rows,
    )
    return f"""\
## 1, 100 and 10,000 goals at once

Under the quota of us-east-1 ({LARGE:,} tokens a minute), a time-out of a day; a tenth as many
users as goals, one of whom has half of the goals. Jain's index is over what each user has got when
half of the goals have begun, in shares of the max-min fair share: 1 is fair. Requests are calls of
functions, table and model; a client's questions for the status are not in them.

{table}"""


def _lists() -> str:
    sizes = (100, 10_000, 1_000_000)
    cases = {
        "first page": [page_read(size) for size in sizes],
        "a page in the middle": [page_read(size, deep=True) for size in sizes],
        "first page, a status that no execution has": [
            page_read(size, status=ExecutionStatus.FAILED) for size in sizes
        ],
    }
    rows = [
        (name, f"{size:,}", f"{read.queries}", f"{read.items:,}", f"{read.kilobytes:.0f} kB")
        for name, reads in cases.items()
        for size, read in zip(sizes, reads, strict=True)
    ]
    table = _table(("list of 20", "executions", "queries", "items read", "read"), rows)
    return f"""\
## A million executions

{table}

The status of an execution is one Query of its own partition, whatever else there is. A page makes
at most ten queries and then says where it continues. What grows with the executions of the last 90
days is workflow-archive's run, which reads each record once every six hours. workflow-reconcile
asks Step Functions for open executions only, the oldest first, and for no more than it has time
for."""


def _cells() -> str:
    goals, goal_tokens = 10_000, ACTIONS * TOKENS_PER_ACTION
    per_minute = goals / _WAIT_LIMIT_MINUTES
    rows = [
        (each.quota.name, f"{per_minute / each.goals_per_minute:,.1f}")
        for each in limits()
        if each.goals_per_minute < per_minute
    ]
    served = [
        (
            f"{quota:,}",
            f"{quota * HEADROOM / ACTIONS / TOKENS_PER_ACTION * _WAIT_LIMIT_MINUTES:,.0f}",
        )
        for quota in (SMALL, LARGE)
    ]
    cells = [
        f"{goals * goal_tokens / (quota * HEADROOM * _WAIT_LIMIT_MINUTES):,.0f}"
        for quota in (SMALL, LARGE)
    ]
    next_limit = _number(limits()[1].goals_per_minute)
    return f"""\
## Where one account ends

By the default time-out a goal may wait {_WAIT_LIMIT_MINUTES:.0f} minutes. So many goals may be
started at once for all to be served:

{_table(("tokens a minute", "goals at once"), served)}

{goals:,} goals at once are {per_minute:,.0f} a minute. In one account that takes these quotas, in
times of the default:

{_table(("quota", "times the default"), rows)}

Or cells: stacks in accounts (or regions) of their own, each with its share of the users. With the
default quotas {goals:,} goals at once take {cells[0]} cells like ap-northeast-1, or {cells[1]} like
us-east-1. A cell is a whole stack: nothing is shared between cells but the product's database,
whose connections a pooler has to bound. A user belongs to one cell, so fairness holds within it.
Raise Bedrock's quota first: it costs nothing, and up to {next_limit} goals a minute no other quota
is in the way."""


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _number(value: float) -> str:
    return f"{value:,.2f}" if value < 10 else f"{value:,.0f}"  # noqa: PLR2004 - digits

"""Executions are archived before the table's TTL deletes them."""

import re
from collections.abc import Iterator

from policies.conventions import ARCHIVE_MARGIN_DAYS, ARCHIVER, WORKFLOW
from policies.policy import stack_policy
from policies.stack import resource_types
from policies.stack.invocations import invoked_function
from policies.stack.resource_graph import Resource, ResourceGraph

_SECONDS = {"minute": 60, "hour": 3600, "day": 86_400}
_DAY = 86_400


@stack_policy(
    "wiring-executions-archived",
    risk="The table deletes executions that were never copied: what a user asks about is gone.",
    fix=f"Have an enabled rule invoke {ARCHIVER}'s alias once a day or more often, but not before"
    " the time-out of its last run, and copy"
    f" executions {ARCHIVE_MARGIN_DAYS} days or more before TTL_DAYS.",
    source="guide: バックアップとリカバリ; DynamoDB Developer Guide: TTL deletes within days",
)
def executions_archived(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """A schedule invokes the archiving function in time."""
    for table in graph.of(resource_types.TABLE):
        if table.project != WORKFLOW or table.read("ttl", "enabled") is not True:
            continue
        archivers = [
            each
            for each in graph.of(resource_types.FUNCTION)
            if str(each.read("name")).endswith(f"-{ARCHIVER}")
        ]
        if not archivers:
            yield table, f"its TTL deletes executions, and there is no {ARCHIVER}"
        for function in archivers:
            if not any(_invokes_daily(graph, rule, function) for rule in _rules(graph)):
                yield function, "no enabled rule invokes it every day, one run after the other"
            yield from ((function, each) for each in _late(function))


def _rules(graph: ResourceGraph) -> Iterator[Resource]:
    for rule in graph.of(resource_types.EVENT_RULE):
        if rule.given("state") in (None, "ENABLED") and rule.given("isEnabled") is not False:
            yield rule


def _invokes_daily(graph: ResourceGraph, rule: Resource, function: Resource) -> bool:
    schedule = str(rule.read("scheduleExpression"))
    rate = re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", schedule)
    is_daily = (
        # a run that meets the last one copies the same executions
        (function.read("timeout") or 3) <= int(rate[1]) * _SECONDS[rate[2]] <= _DAY
        if rate
        else re.fullmatch(r"cron\(\S+ \S+ (\*|\?) \* (\*|\?) \*\)", schedule) is not None
    )
    return is_daily and any(
        graph.named(resource_types.EVENT_RULE, target.read("rule")) is rule
        and invoked_function(graph, target, "arn") is function
        for target in graph.of(resource_types.EVENT_TARGET)
    )


def _late(function: Resource) -> Iterator[str]:
    after = function.read("environment", "variables", "ARCHIVE_AFTER_DAYS")
    ttl = function.read("environment", "variables", "TTL_DAYS")
    if not (str(after).isdigit() and str(ttl).isdigit()):
        yield f"ARCHIVE_AFTER_DAYS is {after}, TTL_DAYS is {ttl}: both have to be days"
    elif int(after) + ARCHIVE_MARGIN_DAYS > int(ttl):
        yield (
            f"it copies executions after {after} days, the table deletes them after {ttl}:"
            f" {ARCHIVE_MARGIN_DAYS} days are needed to make up for failures"
        )

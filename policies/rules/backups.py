"""Backups of the table are made, kept, and not deleted by mistake."""

import re
from collections.abc import Iterator
from typing import Any

from policies.conventions import BACKUP_DAYS, PROTECTED_STACKS
from policies.policy import resource_policy, stack_policy
from policies.stack import resource_types
from policies.stack.documents import statements, trust_documents
from policies.stack.resource_graph import UNKNOWN, Resource, ResourceGraph
from policies.stack.roles import role_of

_SHORTEST_WINDOW = 60
"""Minutes in which a job has to start (AWS Backup: at least 60)."""
_LEAST_MINUTES = 360
"""For a job to end: the provider's default of 180 cancels that of a large table."""
_LONG_DAYS = 180
"""How long a protected stack keeps one backup of each month, at least: longer than recovery."""
_LIKE = ("ArnLike", "StringEquals", "StringLike")
_CRON = re.compile(r"cron\(\S+ \S+ \S+ \S+ \S+ \S+\)")
_DAILY = re.compile(r"cron\(\S+ \S+ (\*|\?) \* (\*|\?) \*\)")


@stack_policy(
    "backups-made",
    risk="The table and its point-in-time recovery are deleted together, and nothing is left.",
    fix="Select the table by its ARN in a plan of AWS Backup, as in components/data/backups.py.",
    source="guide: バックアップとリカバリ; Security Hub DynamoDB.4; NIST 800-53 CP-9",
)
def made(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Where there are plans, one selects the table; a plan selects what is named and declared."""
    selections = list(graph.of(resource_types.BACKUP_SELECTION))
    selected = {arn for each in selections for arn in each.items("resources")}
    for table in graph.of(resource_types.TABLE):
        if selections and graph.arn(table) not in selected:
            yield table, "no plan of AWS Backup selects it"
    for selection in selections:
        if graph.source(selection, "planId", resource_types.BACKUP_PLAN) is None:
            yield selection, "planId comes from no plan of this stack"
        for arn in selection.items("resources"):
            if arn is not UNKNOWN and arn not in graph.arns:
                yield selection, f"{arn} is no resource of this stack"
        for sources in _other_sources(role_of(graph, selection)):
            yield selection, f"its role is for {', '.join(sources)}, not for AWS Backup"
        for name in ("selectionTags", "conditions", "notResources"):
            if selection.given(name):
                yield selection, f"{name} selects resources that are not named"
    for plan in graph.of(resource_types.BACKUP_PLAN):
        sources = [each for each in selections if plan.urn in each.sources.get("planId", ())]
        if not sources:
            yield plan, "it selects nothing, so it makes no backup"


def _other_sources(role: Resource | None) -> Iterator[tuple[str, ...]]:
    """The sources that a role is for, of each statement that leaves out AWS Backup's."""
    for document in trust_documents(role) if role else ():
        for statement in statements(document):
            sources = statement.condition("aws:SourceArn", "ArnEquals", *_LIKE)
            if sources and not any(":backup:" in each for each in sources):
                yield sources


@resource_policy(
    "backups-kept",
    on={resource_types.BACKUP_PLAN},
    risk="A backup is deleted before its loss is noticed, is kept and paid for without an end, or"
    " its job is cancelled half-way.",
    fix=f"Give every rule a schedule, a lifecycle.deleteAfter (in production {BACKUP_DAYS} days or"
    f" more), and windows in which a job can end; have one rule for each day, and in production one"
    f" that keeps {_LONG_DAYS} days or more.",
    source="guide: バックアップとリカバリ; AWS Backup Developer Guide: backup plan options",
)
def kept(resource: Resource) -> Iterator[str]:
    """Every rule of a plan has a schedule, and an end that is written down."""
    is_protected = resource.stack in PROTECTED_STACKS
    rules = [rule for rule in resource.items("rules") if rule is not UNKNOWN]
    for rule in rules:
        yield from _rule_problems(rule, is_protected=is_protected)
    if not any(_DAILY.fullmatch(str(rule.get("schedule"))) for rule in rules):
        yield "no rule makes a backup each day"
    if is_protected and all(_kept_days(rule) < _LONG_DAYS for rule in rules):
        yield f"no rule keeps a backup {_LONG_DAYS} days: recovery goes back {BACKUP_DAYS}"


def _kept_days(rule: Any) -> float:
    lifecycle: Any = rule.get("lifecycle") or {}
    return lifecycle.get("deleteAfter") or 0


def _rule_problems(rule: Any, *, is_protected: bool) -> Iterator[str]:
    name = rule.get("ruleName")
    lifecycle: Any = rule.get("lifecycle") or {}
    days = lifecycle.get("deleteAfter")
    if not _CRON.fullmatch(str(rule.get("schedule"))):
        yield f"rule {name} has no schedule cron(...)"
    if days is None:
        yield f"rule {name} keeps backups for ever"
    elif is_protected and days < BACKUP_DAYS:
        yield f"rule {name} deletes backups after {days:.0f} days, {BACKUP_DAYS} are needed"
    if lifecycle.get("coldStorageAfter") is not None:
        yield f"rule {name} moves backups to cold storage, from which a restore takes hours"
    if rule.get("copyActions"):
        yield f"rule {name} copies backups to a vault that no policy judges"
    start, end = rule.get("startWindow") or 60, rule.get("completionWindow") or 180
    if start < _SHORTEST_WINDOW or end < max(start + _SHORTEST_WINDOW, _LEAST_MINUTES):
        yield f"rule {name} has to start within {start:.0f} minutes and to end within {end:.0f}"


@resource_policy(
    "backups-vault",
    on={resource_types.BACKUP_VAULT},
    risk="The backups are deleted with their vault.",
    fix="Leave force_destroy off.",
    source="guide: バックアップとリカバリ; AWS Backup Developer Guide: deleting a vault",
)
def vault(resource: Resource) -> Iterator[str]:
    """No vault is deleted while there are backups in it."""
    if resource.read("forceDestroy") is True:
        yield "forceDestroy deletes all backups with the vault"

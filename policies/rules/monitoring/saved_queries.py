"""Saved queries: they parse, ask for what is logged, and the workflow's are over all their logs."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from policies.conventions import WORKFLOW
from policies.policy import stack_policy
from policies.rules.monitoring import logged
from policies.rules.monitoring.alarms import prefix
from policies.stack import resource_types
from policies.stack.log_queries import LogQuery, QueryError, parse_query
from policies.stack.resource_graph import Resource, ResourceGraph

FUNCTIONS = (
    *("workflow-start", "workflow-status", "workflow-cancel", "workflow-prepare"),
    *("task-generation", "workflow-save-batch", "workflow-finish", "workflow-reconcile"),
    *("workflow-archive", "slack-notifier"),
)
"""The workflow's functions (design: Functions)."""

_MACHINE = "(state machine)"


@dataclass(frozen=True)
class ExpectedQuery:
    """logs: the functions, or _MACHINE, whose logs it reads. reads: fields without which it cannot
    answer its question. always: the guide asks for it."""

    logs: tuple[str, ...]
    reads: frozenset[str]
    always: bool = False


def _expected(logs: tuple[str, ...], reads: str, *, always: bool = False) -> ExpectedQuery:
    return ExpectedQuery(logs, frozenset(reads.split()), always)


QUERIES: Mapping[str, ExpectedQuery] = {
    # guide: CloudWatch Insights, クエリ例 1 to 3
    "error-rate": _expected(FUNCTIONS, "@message function_request_id", always=True),
    "execution-time": _expected((_MACHINE,), "type event_timestamp execution_arn", always=True),
    "failed-actions": _expected(
        ("workflow-finish",), "totalActions succeededActions status", always=True
    ),
    # the runbook's (docs/runbook.md)
    "slowest-actions": _expected(("task-generation",), "durationMs actionId"),
    "errors-by-code": _expected(FUNCTIONS, "level errorCode service"),
    "execution-story": _expected((_MACHINE, *FUNCTIONS), "@timestamp executionId execution_arn"),
    "token-spend-by-goal": _expected(("task-generation",), "costUsd goalId"),
    "retries-by-reason": _expected(("task-generation",), "errorCode actionId message"),
}


@stack_policy(
    "monitoring-queries-answer",
    risk="In an incident a saved query is refused, or finds nothing because no line has its field.",
    fix="Ask for fields and messages that handlers log (rules/monitoring/logged.py), over the log"
    " groups of all functions that write them.",
    source="guide: CloudWatch Insights, クエリ例; CloudWatch Logs User Guide: query syntax",
)
def queries_answer(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Queries parse, read fields that their logs have, and compare with what is written."""
    found: dict[str, Resource] = {}
    for resource in graph.of(resource_types.QUERY_DEFINITION):
        key = str(resource.read("name")).removeprefix(f"{WORKFLOW}-{resource.stack}/")
        if resource.project == WORKFLOW:
            found[key] = resource
        for message in wrong_query(graph, resource.read("queryString"), _groups(resource)):
            yield resource, message
        if resource.project == WORKFLOW and key in QUERIES:
            for message in _not_expected(graph, resource, QUERIES[key]):
                yield resource, message
    machine = next(graph.of(resource_types.MACHINE), None)
    if machine is not None and machine.project == WORKFLOW:
        for key, expected in QUERIES.items():
            if expected.always and key not in found:
                yield machine, f"there is no saved query {WORKFLOW}-{machine.stack}/{key}"


def wrong_query(graph: ResourceGraph, text: Any, groups: list[str]) -> Iterator[str]:
    """What is wrong with a query over log groups."""
    try:
        query = parse_query(text) if isinstance(text, str) else LogQuery()
    except QueryError as error:
        yield f"CloudWatch refuses it: {error}"
        return
    of_groups = [_fields(graph, group) for group in groups]
    known = logged.DISCOVERED.union(*(each for each in of_groups if each is not None))
    is_known = None not in of_groups
    for name in sorted(query.fields) if is_known else ():
        if name not in known and name.partition(".")[0] not in known:
            yield f"it reads {name}, which no line of its log groups has"
    for name in sorted(query.unmade):
        yield f"it reads {name} after stats, which leaves no such column"
    written = {"message": logged.MESSAGES, "level": logged.LEVELS, "type": logged.EVENTS}
    for name, texts in query.compared.items() if is_known else ():
        for each in sorted(texts - written.get(name, texts)):
            yield f"it compares {name} with {each!r}, which nothing writes"


def _not_expected(
    graph: ResourceGraph, resource: Resource, expected: ExpectedQuery
) -> Iterator[str]:
    groups = _groups(resource)
    for log in expected.logs:
        name = _group_of(graph, resource, log)
        if name is not None and name not in groups:
            yield f"it leaves out the log group {name}"
    others = {_group_of(graph, resource, each) for each in (_MACHINE, *FUNCTIONS)}
    wanted = {_group_of(graph, resource, each) for each in expected.logs}
    for each in groups:
        if each in others - wanted:
            yield f"it reads {each}, which has nothing of what it asks for"
    try:
        fields = parse_query(str(resource.read("queryString"))).fields
    except QueryError:
        return
    for name in sorted(expected.reads - fields):
        yield f"it does not read {name}, and so does not answer its question"


def _group_of(graph: ResourceGraph, resource: Resource, log: str) -> str | None:
    """The name of a function's or the machine's log group, if that is declared."""
    if log == _MACHINE:
        return next(iter(_machine_groups(graph)), None)
    function = graph.named(resource_types.FUNCTION, f"{prefix(resource)}{log}")
    return f"/aws/lambda/{function.read('name')}" if function else None


def _fields(graph: ResourceGraph, group: str) -> set[str] | None:
    """The fields in the lines of a log group; None if the pack does not know them."""
    if group in _machine_groups(graph):
        return set(logged.OF_MACHINES)
    for stage in graph.of(resource_types.STAGE):
        destination = str(stage.read("accessLogSettings", "destinationArn"))
        source = graph.source(stage, "accessLogSettings", resource_types.LOG_GROUP)
        if destination.endswith(f":{group}") or (source and source.read("name") == group):
            line = stage.read("accessLogSettings", "format")
            return set(json.loads(line)) if isinstance(line, str) else None
    function = graph.named(resource_types.FUNCTION, group.removeprefix("/aws/lambda/"))
    name = str(function.read("name")).removeprefix(prefix(function)) if function else ""
    return {*logged.OF_LOGGERS, *logged.OF_HANDLERS} if name in FUNCTIONS else None


def _machine_groups(graph: ResourceGraph) -> set[str]:
    """The names of the log groups of state machines."""
    arns = (
        str(each.read("loggingConfiguration", "logDestination")).removesuffix(":*")
        for each in graph.of(resource_types.MACHINE)
    )
    return {str(graph.arns[arn].read("name")) for arn in arns if arn in graph.arns}


def _groups(resource: Resource) -> list[str]:
    return [each for each in resource.items("logGroupNames") if isinstance(each, str)]

"""Each function of the workflow runs its own code, with the variables that this code reads."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from policies.conventions import WORKFLOW
from policies.policy import stack_policy
from policies.rules.expected.entries import SECRETS, VARIABLES, entry_of, handler_of
from policies.stack import resource_types
from policies.stack.resource_graph import UNKNOWN, Resource, ResourceGraph

_FORMS: Mapping[str, tuple[str, str]] = {
    "RUNBOOK_URL": (r"https?://\S+|[\w./-]+\.(md|html?|txt)", "a URL, or the path of a document"),
    "SLACK_LANGUAGE": ("ja|en", "ja or en"),
    "SLACK_MENTION": (
        r"|<!(here|channel)>|<@[UW][A-Z0-9]+>|<!subteam\^S[A-Z0-9]+>",
        "empty, or a mention in Slack's markup",
    ),
}
"""Variable -> the pattern of its values, in words. (Slack API: formatting text, mentions)"""

_RANGES: Mapping[str, tuple[float, float]] = {
    "BATCH_SIZE": (1, 64),  # the actions of a goal
    "HEDGE_AFTER_SECONDS": (0, 434),  # 0: never
    "MODEL_CALL_TIMEOUT_SECONDS": (5, 435),  # an answer takes seconds; two fit into 15 minutes
    "SLACK_ESCALATE_PERCENT": (1, 100),  # at 0 a success would call somebody
    "TRACED_PERCENT": (0, 100),
    "TTL_DAYS": (7, 3650),  # a user looks at last week's executions
}
"""Variable -> the least and the most of its values."""


@stack_policy(
    "expected-entry",
    risk="A function answers with another one's code, or does not start: packages are missing.",
    fix="Set handler to the module of the function's name, and code to the package of its"
    " dependencies: with the database driver for all that are told DATABASE_URL_SECRET_ARN.",
    source="handlers/contract/functions.py; AWS Lambda Developer Guide: Python handlers, zip"
    " archives",
)
def entry(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Handlers are those of the functions' names; functions of one need share one package."""
    functions = dict(_entries(graph))
    packages: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    for function, name in functions.items():
        packages[_uses_database(name)][_package(function)] += 1
    for function, name in functions.items():
        handler = function.read("handler")
        if handler != handler_of(name):
            yield function, f"its handler is {handler}, {handler_of(name)} is {name}'s"
        package = _package(function)
        usual = packages[_uses_database(name)].most_common(1)[0][0]
        if package != usual or packages[not _uses_database(name)][package] > 1:
            yield function, f"its package is {_file(package)}, that of its like {_file(usual)}"


def _entries(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """(function of the workflow, its name in the tables)."""
    for function in graph.of(resource_types.FUNCTION):
        name = entry_of(function.read("name"), function.project, function.stack)
        if name and function.project == WORKFLOW:
            yield function, name


def _uses_database(name: str) -> bool:
    return "DATABASE_URL_SECRET_ARN" in VARIABLES[name]


def _package(function: Resource) -> str:
    code: Any = function.read("code")
    found = next((getattr(code, name, None) for name in ("path", "uri") if hasattr(code, name)), "")
    return str(found or function.read("s3Key") or "")


def _file(package: str) -> str:
    return package.rpartition("/")[2] or "absent"


@stack_policy(
    "expected-variables",
    risk="A function refuses to start, or reads another secret, at its first call in production.",
    fix="Give the function each variable that its code reads"
    " (policies/rules/expected/entries.py), with the ARN of the secret of that name.",
    source="handlers/contract/environment.py",
)
def variables(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Functions have the variables that their code reads, secrets by the right ARN."""
    dashboards = [each.read("dashboardName") for each in graph.of(resource_types.DASHBOARD)]
    runbooks = _runbooks(graph)
    for function, name in _entries(graph):
        told: Any = function.read("environment", "variables") or {}
        if told is UNKNOWN:
            continue
        for variable in sorted(VARIABLES[name]):
            value = function.read("environment", "variables", variable)
            if value is None or (value == "" and variable != "SLACK_MENTION"):
                yield function, f"environment.variables.{variable} is absent: {name} reads it"
            elif isinstance(value, str) and variable in _FORMS:
                form, words = _FORMS[variable]
                if not re.fullmatch(form, value):
                    yield function, f"{variable} is {value!r}, it has to be {words}"
            elif isinstance(value, str) and variable in _RANGES:
                low, high = _RANGES[variable]
                # expected-functions reports what is no number
                if re.fullmatch(r"\d+(\.\d+)?", value) and not low <= float(value) <= high:
                    yield function, f"{variable} is {value}, it has to be {low:g} to {high:g}"
        dashboard = str(told.get("DASHBOARD_URL", "")).rpartition("/")[2]
        if dashboards and dashboard and dashboard not in dashboards:
            yield function, f"DASHBOARD_URL ends with {dashboard}, no dashboard of this stack"
        runbook = told.get("RUNBOOK_URL")
        if runbooks and runbook and runbook not in runbooks:
            yield function, f"RUNBOOK_URL is {runbook}, alarms name {', '.join(sorted(runbooks))}"
        yield from ((function, each) for each in _wrong_secrets(graph, function, name))


def _runbooks(graph: ResourceGraph) -> set[str]:
    """The documents, without an anchor, that the last lines of alarms' descriptions name."""
    last_lines = (
        str(each.read("alarmDescription")).rpartition("\n")[2]
        for each in graph.of(resource_types.ALARM)
    )
    return {line.partition("#")[0] for line in last_lines if re.fullmatch(r"\S+#[\w-]+", line)}


def _wrong_secrets(graph: ResourceGraph, function: Resource, name: str) -> Iterator[str]:
    """Faults of the variables with the ARN of a secret, known or not."""
    sources = function.sources.get("environment", frozenset[str]())
    made_of = [str(graph.by_urn[urn].read("name")) for urn in sorted(sources & set(graph.by_urn))]
    for variable in sorted(VARIABLES[name] & set(SECRETS)):
        value = function.read("environment", "variables", variable)
        end = SECRETS[variable]
        if isinstance(value, str):
            if not re.search(rf":secret:[\w-]+-{end}(-\w{{6}})?\Z", value):
                yield f"{variable} is {value}, the ARN of the secret {end} is needed"
        elif value is UNKNOWN and not any(each.endswith(f"-{end}") for each in made_of):
            yield f"{variable} comes from {', '.join(made_of) or 'nothing'}, not from {end}"

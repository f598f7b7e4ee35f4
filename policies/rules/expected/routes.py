"""The API has the paths that clients call, each answered by its function, web clients included."""

from collections.abc import Iterator, Mapping
from typing import Any

import pulumi.runtime

from policies.conventions import WORKFLOW
from policies.policy import stack_policy
from policies.rules.expected.entries import HEADERS, ROUTES
from policies.stack import resource_types
from policies.stack.invocations import invoked_function
from policies.stack.resource_graph import Resource, ResourceGraph
from policies.stack.values import parsed

_STAGE = "$default"


@stack_policy(
    "expected-routes",
    risk="Clients meet 404, or an answer of another function; an API that nobody uses stays open.",
    fix=f"Declare one API with the stage {_STAGE} and the routes of"
    " policies/rules/expected/entries.py, each with the integration of its function.",
    source="handlers/contract/routes.py; design: HTTP API; OWASP API9:2023",
)
def routes(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """The workflow's API has every route of the contract, and each leads to its function."""
    apis = list(graph.of(resource_types.API))
    declared: dict[Any, Resource] = {
        each.read("routeKey"): each for each in graph.of(resource_types.ROUTE)
    }
    for api in apis:
        if not any(_is_of(graph, route, api) for route in declared.values()):
            yield api, "it has no route: an API that answers nothing is there for nobody"
        if api.project != WORKFLOW:
            continue
        for key in sorted(set(ROUTES) - set(declared)) if api is apis[0] else ():
            yield api, f"it has no route {key}, which clients call"
    for key, route in declared.items():
        if key in ROUTES and route.project == WORKFLOW:
            function = _answering(graph, route)
            if function and not str(function.read("name")).endswith(f"-{ROUTES[key]}"):
                yield route, f"{key} is answered by {function.name}, {ROUTES[key]} should"
    for stage in graph.of(resource_types.STAGE):
        if stage.project == WORKFLOW and stage.read("name") != _STAGE:
            yield stage, f"its name is {stage.read('name')}: exported addresses name {_STAGE}"


def _is_of(graph: ResourceGraph, route: Resource, api: Resource) -> bool:
    return graph.source(route, "apiId", resource_types.API) is api


def _answering(graph: ResourceGraph, route: Resource) -> Resource | None:
    integration = graph.source(route, "target", resource_types.INTEGRATION)
    return invoked_function(graph, integration, "integrationUri") if integration else None


@stack_policy(
    "expected-web-client",
    risk="Browsers refuse every call of the web client, or only the starts of executions.",
    fix="Give the API corsConfiguration with the methods of its routes and the headers"
    f" {', '.join(sorted(HEADERS))}, where goal-mandala:corsOrigins is set.",
    source="handlers/api/requests.py; Fetch standard: CORS protocol",
)
def web_client(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Web pages of the configured origins may send what the routes take."""
    config: Mapping[str, str] = pulumi.runtime.get_config_env()
    for api in graph.of(resource_types.API):
        if api.project != WORKFLOW:
            continue
        origins: Any = parsed(config.get(f"{api.project}:corsOrigins", "[]"))
        if not api.given("corsConfiguration"):
            if origins:
                yield api, f"corsConfiguration is absent, and the web client is at {origins[0]}"
            continue
        methods = {str(key).partition(" ")[0] for key in ROUTES}
        for name, needed in (("allowMethods", methods), ("allowHeaders", HEADERS)):
            allowed = {str(each).lower() for each in api.items("corsConfiguration", name)}
            for each in sorted(needed):
                if each.lower() not in allowed:
                    yield api, f"corsConfiguration.{name} lacks {each}, which the routes take"

"""Every way into the functions is a route of the HTTP API, behind its one authorizer."""

import json
from collections.abc import Iterator
from typing import Any

import pulumi.runtime

from policies.conventions import PUBLIC_ROUTES
from policies.policy import resource_policy, stack_policy
from policies.stack import resource_types
from policies.stack.resource_graph import UNKNOWN, Resource, ResourceGraph, strings

_OTHER_WAYS_IN = {
    resource_types.FUNCTION_URL: "a function's URL asks no authorizer",
    "aws:apigateway/": "a REST API has its own methods and authorizers",
    "aws:appsync/": "AppSync has its own authorization",
    "aws:lb/": "a load balancer asks for no token",
    "aws:vpclattice/": "VPC Lattice asks for no token",
}
"""Beginning of a type -> what is wrong with it as a way in."""

_SHORT_CUTS = {
    "body": "an OpenAPI body makes routes that the pack cannot see",
    "credentialsArn": "the API calls with a role, beside the functions' permissions",
    "routeKey": "a quick create makes a route without an authorizer",
    "target": "a quick create makes a route without an authorizer",
}
"""Inputs of an HTTP API that make routes of their own."""

_TOKEN_IN_HEADER = ["$request.header.Authorization"]


@resource_policy(
    "wiring-only-declared-routes",
    on=(),
    risk="Requests reach a function without a token: its code trusts the claims that API Gateway"
    " has checked.",
    fix="Declare each route of the HTTP API as a Route with authorization_type JWT.",
    source="design: HTTP API; OWASP API2:2023, API9:2023",
)
def only_declared_routes(resource: Resource) -> Iterator[str]:
    """Nothing but declared routes of an HTTP API leads in."""
    for beginning, problem in _OTHER_WAYS_IN.items():
        if resource.type.startswith(beginning):
            yield problem
    if resource.type == resource_types.API:
        if resource.read("protocolType") != "HTTP":
            yield f"protocolType is {resource.read('protocolType')}, HTTP is needed"
        for name, problem in _SHORT_CUTS.items():
            if resource.read(name) is not None:
                yield f"{name}: {problem}"
    if resource.type == resource_types.INTEGRATION:
        if resource.read("integrationType") != "AWS_PROXY":
            kind = resource.read("integrationType")
            yield f"integrationType {kind} sends requests with their tokens elsewhere"
        if resource.read("payloadFormatVersion") != "2.0":
            yield "payloadFormatVersion is not 2.0, the form that the handlers read"
        if resource.read("connectionType") not in (None, "INTERNET"):
            yield f"connectionType {resource.read('connectionType')} leads into another network"
        for name in ("credentialsArn", "integrationSubtype", "requestParameters", "tlsConfig"):
            if resource.read(name):
                yield f"{name} changes who is called, or with what"


@stack_policy(
    "wiring-one-authorizer",
    risk="A token of another pool, another client or nobody is accepted; a token in a URL is in"
    " every log.",
    fix="Give every route the one JWT authorizer: issuer of this stack's pool (or the configured"
    " one), its clients as audiences, $request.header.Authorization as the only source.",
    source="design: HTTP API; Amazon API Gateway Developer Guide: JWT authorizers; OWASP API2:2023",
)
def one_authorizer(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Routes have the API's one authorizer, which takes tokens of this pool from the header."""
    authorizers = list(graph.of(resource_types.AUTHORIZER))
    for authorizer in authorizers[1:]:
        yield authorizer, "a second authorizer: one decides who gets in"
    for authorizer in authorizers:
        yield from ((authorizer, each) for each in _problems(graph, authorizer))
    for resource in graph.of(
        resource_types.AUTHORIZER,
        resource_types.INTEGRATION,
        resource_types.ROUTE,
        resource_types.STAGE,
    ):
        if graph.made_of(resource, "apiId", resource_types.API) is None:
            yield resource, "it belongs to no API of this stack"
    yield from _foreign_clients(graph)
    for route in graph.of(resource_types.ROUTE):
        yield from ((route, each) for each in _problems_of_route(graph, route))
    for integration in graph.of(resource_types.INTEGRATION):
        uri = integration.read("integrationUri")
        alias = graph.source(integration, "integrationUri", resource_types.FUNCTION_ALIAS)
        called = graph.arns.get(uri) if isinstance(uri, str) else alias
        if called is None or called.type != resource_types.FUNCTION_ALIAS:
            yield integration, f"its integrationUri {uri} is no alias of this stack"


def _foreign_clients(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    pool = _configured(graph)[0]
    for client in graph.of(resource_types.USER_POOL_CLIENT):
        is_configured = client.read("userPoolId") == pool and isinstance(pool, str)
        if not is_configured and not graph.made_of(client, "userPoolId", resource_types.USER_POOL):
            yield client, f"it is a client of {client.read('userPoolId')}, not of this stack's pool"


def _problems_of_route(graph: ResourceGraph, route: Resource) -> Iterator[str]:
    key = route.read("routeKey")
    if graph.made_of(route, "target", resource_types.INTEGRATION) is None:
        yield f"{key} leads to {route.read('target')}, no integration of this stack"
    if key in PUBLIC_ROUTES:
        return
    if graph.made_of(route, "authorizerId", resource_types.AUTHORIZER) is None:
        yield f"{key} has no authorizer of this stack"
    if route.read("authorizationScopes"):
        yield f"{key} has authorizationScopes, which ID tokens do not have"


def _problems(graph: ResourceGraph, authorizer: Resource) -> Iterator[str]:
    if authorizer.read("authorizerType") != "JWT":
        yield f"authorizerType is {authorizer.read('authorizerType')}, JWT is needed"
    sources = authorizer.items("identitySources")
    if sources != _TOKEN_IN_HEADER:
        yield f"it takes the token from {', '.join(map(str, sources)) or 'nowhere'}"
    pool, clients = _configured(graph)
    issuer = authorizer.read("jwtConfiguration", "issuer")
    made_of = graph.source(authorizer, "jwtConfiguration", resource_types.USER_POOL)
    if issuer is UNKNOWN:
        if made_of is None:
            yield "its issuer is not known, and comes from no pool of this stack"
    else:
        host = f"cognito-idp.{graph.region}.amazonaws.com/"
        of_pool = (made_of.read("endpoint"), f"{host}{made_of.read('id')}") if made_of else ()
        if issuer.removeprefix("https://") not in (of_pool or (f"{host}{pool}",)):
            yield f"its issuer {issuer} is not this stack's pool"
    for audience in authorizer.items("jwtConfiguration", "audiences"):
        if audience is UNKNOWN:
            if not graph.source(authorizer, "jwtConfiguration", resource_types.USER_POOL_CLIENT):
                yield "an audience is not known, and comes from no client of this stack"
        elif audience not in clients and not _is_client(graph, audience):
            yield f"its audience {audience} is no client of this stack's pool"


def _configured(graph: ResourceGraph) -> tuple[Any, list[Any]]:
    """The pool and its clients, where the stack has none: as configured, or else as exported."""
    config = pulumi.runtime.get_config_env()
    for key, value in config.items():
        if key.endswith(":cognito"):
            cognito: Any = json.loads(value)
            return cognito.get("userPoolId"), cognito.get("clientIds", [])
    (stack,) = graph.of(resource_types.STACK)
    exported: Any = stack.read("userPoolClientIds") or {}
    return stack.read("userPoolId"), [text for _, text in strings(exported)]


def _is_client(graph: ResourceGraph, audience: str) -> bool:
    """Whether a declared client has this id, which the engine knows after the deployment."""
    return any(
        audience in (each.read("id"), each.read("clientId"))
        for each in graph.of(resource_types.USER_POOL_CLIENT)
    )

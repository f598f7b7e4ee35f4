"""Every route is throttled, and what a user holds does not open the API for years."""

from collections.abc import Iterator
from typing import Any

from policies.conventions import MAX_REFRESH_DAYS
from policies.policy import resource_policy, stack_policy
from policies.stack import resource_types
from policies.stack.resource_graph import Resource, ResourceGraph

_LIMITS = {"throttlingRateLimit": 10_000, "throttlingBurstLimit": 5000}
"""Limit of a stage -> the account's quota, at which it limits nothing (Amazon API Gateway Developer
Guide: throttling quotas per account and region)."""

_LEAST_RATE = 10
"""Requests a second: a page of the web client makes several at once."""
_BURST_RATES = 10
"""A bucket that holds less than a second's requests refuses a steady caller; one that holds many
seconds' lets a flood pass that the rate should hold back (token bucket algorithm)."""

_SECONDS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86_400}
_LIFETIMES = {
    # Amazon Cognito API Reference: UserPoolClientType, defaults and units
    "accessTokenValidity": ("accessToken", "hours", 86_400),
    "idTokenValidity": ("idToken", "hours", 86_400),
    "refreshTokenValidity": ("refreshToken", "days", MAX_REFRESH_DAYS * 86_400),
}
"""Input -> its unit's name, the default unit, and the most seconds."""


@stack_policy(
    "wiring-throttled-routes",
    risk="One caller uses up the model's quota and the account's concurrency for everybody.",
    fix="Set throttling rate and burst in default_route_settings, below the account's quota, burst"
    f" from 1 to {_BURST_RATES} times the rate; in route_settings only lower both.",
    source="Amazon API Gateway Developer Guide: throttling; OWASP API4:2023; Security Hub"
    " APIGateway.9",
)
def throttled_routes(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Every API has a stage; its throttle covers every route, and no route is taken out of it."""
    routes = {each.read("routeKey") for each in graph.of(resource_types.ROUTE)}
    staged = {
        api.urn
        for stage in graph.of(resource_types.STAGE)
        if (api := graph.source(stage, "apiId", resource_types.API))
    }
    for api in graph.of(resource_types.API):
        if api.urn not in staged:
            yield api, "it has no stage of this stack, so nothing throttles it"
    for stage in graph.of(resource_types.STAGE):
        if stage.read("autoDeploy") is not True and stage.given("deploymentId") is None:
            yield stage, "it deploys no route: neither autoDeploy nor deploymentId is set"
        default: Any = stage.read("defaultRouteSettings") or {}
        for name, quota in _LIMITS.items():
            limit = default.get(name) or 0
            if not 0 < limit < quota:
                yield stage, f"{name} is {limit:.0f}: 1 to {quota - 1} limits something"
        if 0 < (default.get("throttlingRateLimit") or 0) < _LEAST_RATE:
            rate = default["throttlingRateLimit"]
            yield stage, f"throttlingRateLimit is {rate:.0f}: a few users need {_LEAST_RATE}"
        rate, burst = (default.get(name) or 0 for name in _LIMITS)
        if rate and burst and not rate <= burst <= _BURST_RATES * rate:
            yield (
                stage,
                f"throttlingBurstLimit is {burst:.0f} at a rate of {rate:.0f}:"
                f" {rate:.0f} to {_BURST_RATES * rate:.0f} lets steady callers in and holds others",
            )
        for settings in stage.items("routeSettings"):
            route = settings.get("routeKey")
            if route not in routes:
                yield stage, f"its routeSettings name {route}, which is no route"
            for name in _LIMITS:
                limit, most = settings.get(name) or 0, default.get(name) or 0
                if not 0 < limit <= most:
                    yield stage, f"{route} has {name} {limit:.0f}, the default is {most:.0f}"


@resource_policy(
    "wiring-token-lifetimes",
    on={resource_types.USER_POOL_CLIENT},
    risk="A stolen token or a lost device opens a user's goals for years.",
    fix=f"Let refresh tokens end after {MAX_REFRESH_DAYS} days or less, the others after a day.",
    source="Amazon Cognito Developer Guide: token expiration; OWASP ASVS 3.3",
)
def token_lifetimes(resource: Resource) -> Iterator[str]:
    """Tokens end soon."""
    for name, (kind, default_unit, most) in _LIFETIMES.items():
        unit = resource.read("tokenValidityUnits", kind) or default_unit
        seconds = (resource.read(name) or 0) * _SECONDS[unit]
        if seconds > most:
            yield f"{name} is {resource.read(name):.0f} {unit}, {most // 86_400} days at most"

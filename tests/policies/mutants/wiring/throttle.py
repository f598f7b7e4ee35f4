"""Mutants for `policies.rules.wiring.throttle`."""

from policies.stack import resource_types
from tests.policies.mutate import Change, Mutant, declare, set_input, unchanged

ROUTES, TOKENS = "wiring-throttled-routes", "wiring-token-lifetimes"
_START = "POST /goals/{goalId}/start-activity"


def _route(**settings: float) -> Change:
    return set_input("api-stage", "routeSettings", [{"routeKey": _START, **settings}])


MUTANTS = (
    Mutant(
        ROUTES,
        "the dearest route taken out of the throttle",
        _route(throttlingRateLimit=10_000, throttlingBurstLimit=5000),
    ),
    Mutant(ROUTES, "a route with settings but without limits", _route()),
    Mutant(ROUTES, "a route with a rate but without a burst", _route(throttlingRateLimit=10)),
    Mutant(
        ROUTES,
        "a throttle at the account's quota",
        set_input("api-stage", "defaultRouteSettings.throttlingRateLimit", 10_000),
    ),
    Mutant(
        ROUTES,
        "a throttle of a route that is not there",
        set_input(
            "api-stage",
            "routeSettings",
            [{"routeKey": "GET /x", "throttlingRateLimit": 1, "throttlingBurstLimit": 1}],
        ),
    ),
    Mutant(
        ROUTES, "a stage that deploys nothing", set_input("api-stage", "autoDeploy", value=False)
    ),
    Mutant(
        ROUTES,
        "an API without a stage",
        declare(resource_types.API, "other", {"name": "other", "protocolType": "HTTP"}),
    ),
    Mutant(
        ROUTES,
        "the dearest route throttled more",
        _route(throttlingRateLimit=5, throttlingBurstLimit=10),
        near_miss=True,
    ),
    Mutant(
        TOKENS,
        "refresh tokens for ten years",
        set_input("users-client", "refreshTokenValidity", 3650),
    ),
    Mutant(
        TOKENS,
        "access tokens for a week",
        set_input("users-client", "accessTokenValidity", 168),
    ),
    Mutant(
        TOKENS,
        "ID tokens of 60 days by their unit",
        set_input("users-client", "idTokenValidity", 60),
    ),
    Mutant(TOKENS, "the program as it is, with Cognito's defaults", unchanged, near_miss=True),
    Mutant(
        TOKENS,
        "refresh tokens of a day",
        set_input("users-client", "refreshTokenValidity", 1),
        near_miss=True,
    ),
)

"""Mutants of the API's routes, of its web client and of users' sign-in."""

from policies.stack import resource_types
from tests.policies.mutate import (
    UNKNOWN,
    Mutant,
    all_changes,
    declare,
    set_input,
    set_source,
    unchanged,
    without,
)
from tests.policies.names import ROUTE

API, STAGE, POOL, CLIENT = "api-api", "api-stage", "users-pool", "users-client"
CORS = "corsConfiguration"
_HEADERS = ["authorization", "content-type", "idempotency-key"]
_CORS = {
    "allowMethods": ["GET", "POST", "OPTIONS"],
    "allowHeaders": [*_HEADERS, "X-Trace"],
    "allowOrigins": ["https://goals.example.com"],
}
_ORIGINS = {"goal-mandala:corsOrigins": '["https://goals.example.com"]'}
_OTHER_API = declare(
    resource_types.API, "other-api", {"name": "goal-mandala-prod-other", "protocolType": "HTTP"}
)

MUTANTS = (
    Mutant("expected-routes", "a path without a route", without("api-GET/workflows")),
    Mutant(
        "expected-routes",
        "a misspelt path",
        set_input(ROUTE, "routeKey", "POST /goals/{goalId}/start-activities"),
    ),
    Mutant(
        "expected-routes",
        "a start that cancels",
        set_source(ROUTE, "target", "api-workflow-cancel"),
    ),
    Mutant("expected-routes", "another stage", set_input(STAGE, "name", "v1")),
    Mutant("expected-routes", "an empty second API", _OTHER_API),
    Mutant(
        "expected-routes",
        "a route more",
        declare(
            resource_types.ROUTE,
            "api-report",
            {"apiId": UNKNOWN, "routeKey": "GET /report", "authorizationType": "JWT"},
            sources={"apiId": API, "target": "api-workflow-status"},
        ),
        near_miss=True,
    ),
    Mutant(
        "expected-web-client",
        "no CORS for a configured origin",
        unchanged,
        config=_ORIGINS,
    ),
    Mutant(
        "expected-web-client",
        "a web client that may not start",
        set_input(API, CORS, {**_CORS, "allowMethods": ["GET"]}),
    ),
    Mutant(
        "expected-web-client",
        "a web client that may send no token",
        set_input(API, CORS, {**_CORS, "allowHeaders": _HEADERS[1:]}),
    ),
    Mutant(
        "expected-web-client",
        "a method and a header more",
        set_input(API, CORS, _CORS),
        near_miss=True,
    ),
    Mutant(
        "expected-web-client",
        "no web client",
        unchanged,
        near_miss=True,
    ),
    Mutant(
        "expected-api",
        "cookies of a web page",
        set_input(API, CORS, {**_CORS, "allowCredentials": True}),
    ),
    Mutant(
        "expected-users",
        "a trigger that writes claims",
        set_input(
            POOL,
            "lambdaConfig",
            {"preTokenGeneration": "arn:aws:lambda:ap-northeast-1:123456789012:function:claims"},
        ),
    ),
    Mutant("expected-users", "a client with a secret", set_input(CLIENT, "generateSecret", True)),
    Mutant(
        "expected-users",
        "a client that has to send the password",
        set_input(
            CLIENT, "explicitAuthFlows", ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_PASSWORD_AUTH"]
        ),
    ),
    Mutant(
        "expected-users",
        "users of another identity provider",
        set_input(CLIENT, "supportedIdentityProviders", ["COGNITO", "Google"]),
    ),
    Mutant(
        "expected-users",
        "two users of one address",
        set_input(POOL, "usernameConfiguration", {"caseSensitive": True}),
    ),
    Mutant(
        "expected-users",
        "a group with AWS credentials",
        set_input("users-admin", "roleArn", "arn:aws:iam::123456789012:role/goal-mandala-prod-x"),
    ),
    Mutant(
        "expected-users",
        "a client without passwords, of Cognito's users",
        all_changes(
            set_input(
                CLIENT, "explicitAuthFlows", ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"]
            ),
            set_input(CLIENT, "supportedIdentityProviders", ["COGNITO"]),
        ),
        near_miss=True,
    ),
    Mutant(
        "wiring-throttled-routes",
        "an API for one user",
        all_changes(
            set_input(STAGE, "defaultRouteSettings.throttlingRateLimit", 1),
            set_input(STAGE, "defaultRouteSettings.throttlingBurstLimit", 1),
        ),
    ),
    Mutant(
        "wiring-throttled-routes",
        "a burst below a second's requests",
        set_input(STAGE, "defaultRouteSettings.throttlingBurstLimit", 20),
    ),
    Mutant(
        "wiring-throttled-routes",
        "a rate above the burst",
        set_input(STAGE, "defaultRouteSettings.throttlingRateLimit", 1000),
    ),
    Mutant(
        "wiring-throttled-routes",
        "a higher limit",
        all_changes(
            set_input(STAGE, "defaultRouteSettings.throttlingRateLimit", 200),
            set_input(STAGE, "defaultRouteSettings.throttlingBurstLimit", 500),
        ),
        near_miss=True,
    ),
)

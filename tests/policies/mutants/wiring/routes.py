"""Mutants for `policies.rules.wiring.routes`."""

import json

from policies.stack import resource_types
from tests.policies.mutate import (
    UNKNOWN,
    Mutant,
    all_changes,
    declare,
    set_input,
    set_source,
    unchanged,
)
from tests.policies.names import ARN, ROUTE

ONLY, ONE = "wiring-only-declared-routes", "wiring-one-authorizer"
_INTEGRATION, _AUTHORIZER = "api-workflow-start", "api-authorizer"
_ISSUER = "https://cognito-idp.ap-northeast-1.amazonaws.com/ap-northeast-1_{}"
_FUNCTION = ARN.format("lambda", "function:goal-mandala-prod-workflow-start")
_COGNITO = {
    "goal-mandala:cognito": json.dumps(
        {"userPoolId": "ap-northeast-1_product", "clientIds": ["web", "app"]}
    )
}
_CONFIGURED = all_changes(
    set_source(_AUTHORIZER, "jwtConfiguration", None),
    set_input(
        _AUTHORIZER,
        "jwtConfiguration",
        {"issuer": _ISSUER.format("product"), "audiences": ["web", "app"]},
    ),
)

MUTANTS = (
    Mutant(
        ONLY,
        "a second API by quick create",
        declare(
            resource_types.API,
            "quick",
            {"name": "quick", "protocolType": "HTTP", "target": f"{_FUNCTION}:live"},
        ),
    ),
    Mutant(ONLY, "a route by quick create", set_input("api-api", "routeKey", "GET /open")),
    Mutant(
        ONLY, "routes from an OpenAPI body", set_input("api-api", "body", '{"openapi": "3.0.1"}')
    ),
    Mutant(ONLY, "a WebSocket API", set_input("api-api", "protocolType", "WEBSOCKET")),
    Mutant(
        ONLY,
        "a REST API's method without authorization",
        declare(
            "aws:apigateway/method:Method",
            "open",
            {"restApi": "x", "resourceId": "y", "httpMethod": "POST", "authorization": "NONE"},
        ),
    ),
    Mutant(
        ONLY,
        "a function's URL with IAM",
        declare(
            resource_types.FUNCTION_URL,
            "url",
            {"functionName": "goal-mandala-prod-workflow-start", "authorizationType": "AWS_IAM"},
        ),
    ),
    Mutant(
        ONLY,
        "requests proxied to a foreign host",
        all_changes(
            set_input(_INTEGRATION, "integrationType", "HTTP_PROXY"),
            set_input(_INTEGRATION, "integrationUri", "https://example.net/collect"),
        ),
    ),
    Mutant(
        ONLY,
        "an action of a service without a function",
        set_input(_INTEGRATION, "integrationSubtype", "SQS-SendMessage"),
    ),
    Mutant(
        ONLY,
        "a path that the API writes anew",
        set_input(_INTEGRATION, "requestParameters", {"overwrite:path": "/workflows"}),
    ),
    Mutant(
        ONLY,
        "events of the old form",
        set_input(_INTEGRATION, "payloadFormatVersion", "1.0"),
    ),
    Mutant(ONLY, "the program as it is", unchanged, near_miss=True),
    Mutant(
        ONE,
        "the token in the URL",
        set_input(_AUTHORIZER, "identitySources", ["$request.querystring.token"]),
    ),
    Mutant(
        ONE,
        "the token in the header or the URL",
        set_input(
            _AUTHORIZER,
            "identitySources",
            ["$request.header.Authorization", "$request.querystring.token"],
        ),
    ),
    Mutant(
        ONE,
        "an issuer that is not this stack's pool",
        set_input(_AUTHORIZER, "jwtConfiguration.issuer", _ISSUER.format("foreign")),
    ),
    Mutant(
        ONE,
        "an audience that is no client of the pool",
        set_input(_AUTHORIZER, "jwtConfiguration.audiences", [UNKNOWN, "foreign"]),
    ),
    Mutant(
        ONE,
        "an unknown issuer that comes from nowhere",
        set_source(_AUTHORIZER, "jwtConfiguration", None),
    ),
    Mutant(
        ONE,
        "a function as the authorizer",
        set_input(_AUTHORIZER, "authorizerType", "REQUEST"),
    ),
    Mutant(
        ONE,
        "a second authorizer",
        declare(
            resource_types.AUTHORIZER,
            "other",
            {
                "name": "other",
                "authorizerType": "JWT",
                "identitySources": ["$request.header.Authorization"],
                "jwtConfiguration": {"issuer": _ISSUER.format("foreign"), "audiences": ["x"]},
            },
            sources={"apiId": "api-api"},
        ),
    ),
    Mutant(ONE, "a route with an authorizer from nowhere", set_source(ROUTE, "authorizerId", None)),
    Mutant(ONE, "a route with an authorizer by its id", set_input(ROUTE, "authorizerId", "abc123")),
    Mutant(ONE, "an integration by its id", set_input(ROUTE, "target", "integrations/abc123")),
    Mutant(ONE, "a stage of an API by its id", set_input("api-stage", "apiId", "abc123")),
    Mutant(
        ONE,
        "a client of another pool",
        set_input("users-client", "userPoolId", "ap-northeast-1_foreign"),
    ),
    Mutant(ONE, "a route of another API", set_source(ROUTE, "apiId", None)),
    Mutant(
        ONE,
        "a route that ID tokens cannot pass",
        set_input(ROUTE, "authorizationScopes", ["workflow/start"]),
    ),
    Mutant(
        ONE,
        "an integration with a function instead of its alias",
        set_input(_INTEGRATION, "integrationUri", _FUNCTION),
    ),
    Mutant(
        ONE,
        "another client than the configured ones",
        all_changes(
            _CONFIGURED, set_input(_AUTHORIZER, "jwtConfiguration.audiences", ["web", "foreign"])
        ),
        config=_COGNITO,
    ),
    Mutant(
        ONE, "the configured pool and its clients", _CONFIGURED, near_miss=True, config=_COGNITO
    ),
    Mutant(
        ONE,
        "a second client of the pool",
        all_changes(
            declare(
                resource_types.USER_POOL_CLIENT,
                "app",
                {"name": "app", "userPoolId": UNKNOWN},
                sources={"userPoolId": "users-pool"},
            ),
            set_input(_AUTHORIZER, "jwtConfiguration.audiences", [UNKNOWN, UNKNOWN]),
        ),
        near_miss=True,
    ),
)

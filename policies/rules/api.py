"""Who gets into the API: tokens, web origins, users."""

from collections.abc import Iterator
from typing import Any

from policies.conventions import MIN_PASSWORD_CHARACTERS, PUBLIC_ROUTES
from policies.policy import resource_policy
from policies.stack import resource_types
from policies.stack.resource_graph import Resource


@resource_policy(
    "access-jwt",
    on={resource_types.ROUTE},
    risk="A route answers without a token.",
    fix="Set authorization_type JWT and an authorizer; public routes are"
    f" {', '.join(PUBLIC_ROUTES)}.",
    source="design: HTTP API; Security Hub APIGateway.8; OWASP API2:2023",
)
def jwt(resource: Resource) -> Iterator[str]:
    """Every route but the public ones needs a token."""
    route = resource.props["routeKey"]
    if route not in PUBLIC_ROUTES:
        if resource.props.get("authorizationType") != "JWT":
            yield f"{route} takes requests without a token"
        elif resource.read("authorizerId") is None:
            yield f"{route} has no authorizer"


@resource_policy(
    "access-jwt-audience",
    on={resource_types.AUTHORIZER},
    risk="A token that was issued for another application is accepted.",
    fix="Give the authorizer an issuer and the client ids that it accepts.",
    source="Amazon API Gateway Developer Guide: JWT authorizers; aws-traps: API",
)
def jwt_audience(resource: Resource) -> Iterator[str]:
    """The authorizer checks issuer and audience."""
    if resource.props["authorizerType"] != "JWT":
        yield f"authorizerType is {resource.props['authorizerType']}, JWT is needed"
    if resource.read("jwtConfiguration", "issuer") is None:
        yield "it has no issuer"
    if not resource.read("jwtConfiguration", "audiences"):
        yield "it has no audiences, so it accepts tokens of any client"


@resource_policy(
    "access-cors",
    on={resource_types.API},
    risk="A foreign web page calls the API with a user's token.",
    fix="Name the web client's origins, with https (http: localhost only).",
    source="OWASP API8:2023; Fetch standard: CORS protocol",
)
def cors(resource: Resource) -> Iterator[str]:
    """Allowed origins are named and use TLS."""
    configuration: Any = resource.props.get("corsConfiguration") or {}
    for origin in configuration.get("allowOrigins") or ():
        is_local = origin.startswith(("http://localhost", "http://127.0.0.1"))
        if "*" in origin or not (origin.startswith("https://") or is_local):
            yield f"origin {origin} is allowed"


@resource_policy(
    "access-user-pool",
    on={resource_types.USER_POOL},
    risk="People sign up by themselves, or passwords can be guessed.",
    fix="Let only administrators create users; require passwords of at least"
    f" {MIN_PASSWORD_CHARACTERS} characters.",
    source="guide: アクセス制御; NIST 800-63B 5.1.1; Security Hub Cognito.3",
)
def user_pool(resource: Resource) -> Iterator[str]:
    """Administrators create the users, and passwords are long."""
    if not resource.read("adminCreateUserConfig", "allowAdminCreateUserOnly"):
        yield "allowAdminCreateUserOnly is not true: anybody may sign up"
    if (resource.read("passwordPolicy", "minimumLength") or 0) < MIN_PASSWORD_CHARACTERS:
        yield f"passwords may have less than {MIN_PASSWORD_CHARACTERS} characters"


@resource_policy(
    "access-user-pool-client",
    on={resource_types.USER_POOL_CLIENT},
    risk="Tokens cannot be revoked, or the sign-in shows who has an account.",
    fix="Enable token revocation; set prevent_user_existence_errors to ENABLED.",
    source="Amazon Cognito Developer Guide: managing error responses, revoking tokens",
)
def user_pool_client(resource: Resource) -> Iterator[str]:
    """Tokens can be revoked, are a user's, and errors do not show who has an account."""
    if resource.props.get("enableTokenRevocation") is not True:
        yield "its tokens cannot be revoked"
    if resource.props.get("preventUserExistenceErrors") != "ENABLED":
        yield "its errors show who has an account"
    for flow in resource.props.get("allowedOauthFlows") or ():
        if flow != "code":
            yield f"it uses the flow {flow}: only code gives a user's token without a URL's log"

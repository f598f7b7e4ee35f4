"""Who gets in: resource policies, routes, users, and no secret where anybody can read it."""

import re
from collections.abc import Iterator
from typing import Any

import pulumi.runtime

from policies import resource_types
from policies.documents import resource_statements
from policies.policy import resource_policy, stack_policy
from policies.resource_graph import Graph, Resource, strings
from policies.rules.iam import is_from_us

PUBLIC_ROUTES = frozenset({"GET /health"})
"""Routes that answer without a token (design: HTTP API)."""

_INVOKING = ("lambda:InvokeFunction", "lambda:InvokeFunctionUrl")
_MINIMUM_PASSWORD = 12
_SECRET_TEXT = re.compile(
    r"""
    \b[a-z][a-z0-9+]{1,20}://[^/\s:@"]+:[^/\s@"]+@      # a password in a URL
    | hooks\.slack\.com/services/                # a webhook, which is its own password
    | \b(AKIA|ASIA)[A-Z0-9]{16}\b                # an access key of AWS
    | -----BEGIN\ [A-Z ]*PRIVATE\ KEY-----
    | \beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.           # a JSON web token
    | \b(gh[pousr]_|xox[abps]-|sk_live_)\w{10,}  # tokens of GitHub, Slack, Stripe
    """,
    re.VERBOSE,
)
_SECRET_NAME = re.compile(
    r"(password|passwd|secret|token|api_?key|private_?key|webhook|credential)", re.IGNORECASE
)
_NOT_ITSELF = re.compile(r"(arn|name|id|seconds|days|expiry|ttl|minutes)s?$", re.IGNORECASE)
"""A name that ends so tells of a secret, and is none: DATABASE_URL_SECRET_ARN."""

_OWN_VALUE = {
    (resource_types.SECRET_VERSION, "secretString"),
    (resource_types.SECRET_VERSION, "secretBinary"),
}
"""(type, property) that is there to hold a secret; Pulumi keeps it encrypted in the state."""


@resource_policy(
    "access-no-open-principal",
    on=(),
    protects="A key, topic, queue, secret or function that anybody in the world may use.",
    fix="Name the principal: a service under aws:SourceArn, or this account's root.",
    source="Security Hub SNS.4, SQS.3, Lambda.1, KMS.5; NIST 800-53 AC-3; PCI DSS v4.0.1 7.2.1",
)
def no_open_principal(resource: Resource) -> Iterator[str]:
    """No Allow for everybody, whatever its conditions."""
    for statement in resource_statements(resource):
        if statement.allows and any("*" in who for _, who in statement.principals):
            yield f"{', '.join(statement.actions)} allowed to everybody"
    if resource.type == resource_types.PERMISSION and "*" in resource.props["principal"]:
        yield "anybody may invoke the function"
    if (
        resource.type == resource_types.FUNCTION_URL
        and resource.props["authorizationType"] != "AWS_IAM"
    ):
        yield "a URL that needs no authorization"


@stack_policy(
    "access-named-actions",
    protects="A service or account that may do more with our resource than it is there for.",
    fix="Name the actions; all of them only this account's root may be given, on a key.",
    source="NIST 800-53 AC-6; AWS KMS Developer Guide: key policies",
)
def named_actions(graph: Graph) -> Iterator[tuple[Resource, str]]:
    """Resource policies allow named actions, and a permission is one to invoke."""
    root = (("AWS", f"arn:aws:iam::{graph.account}:root"), ("AWS", graph.account))
    for resource in graph.resources:
        for statement in resource_statements(resource):
            by_root = resource.type == resource_types.KEY and set(statement.principals) <= set(root)
            for action in statement.actions if statement.allows and not by_root else ():
                if "*" in action or "?" in action:
                    yield resource, f"{action} for {', '.join(w for _, w in statement.principals)}"
        if resource.type == resource_types.PERMISSION and resource.props["action"] not in _INVOKING:
            yield resource, f"{resource.props['action']}: more than to invoke"


@stack_policy(
    "access-own-account",
    protects="A resource handed to another account.",
    fix="Name only this account and AWS's services; share by the exports.",
    source="AWS IAM User Guide: IAM Access Analyzer, external access; NIST 800-53 AC-3",
)
def own_account(graph: Graph) -> Iterator[tuple[Resource, str]]:
    """Accounts in resource policies are this one."""
    own = {graph.account, f"arn:aws:iam::{graph.account}:root"}
    for resource in graph.resources:
        for statement in resource_statements(resource):
            for kind, who in statement.principals:
                if statement.allows and kind == "AWS" and "*" not in who and who not in own:
                    yield resource, f"{who} is allowed {', '.join(statement.actions)}"
        if resource.type == resource_types.PERMISSION:
            who = resource.props["principal"]
            if who not in own and not who.endswith(".amazonaws.com"):
                yield resource, f"{who} may invoke the function"


@resource_policy(
    "access-no-confused-deputy",
    on=(),
    protects="A service of AWS that acts on our resource for somebody else.",
    fix="Hold the service to aws:SourceAccount or aws:SourceArn (log groups: to the encryption"
    " context of their ARNs; Lambda: source_arn).",
    source="AWS IAM User Guide: the confused deputy problem; CloudWatch Logs User Guide: encrypt"
    " log data using AWS KMS; Security Hub Lambda.1",
)
def no_confused_deputy(resource: Resource) -> Iterator[str]:
    """A service acts for us only."""
    for statement in resource_statements(resource):
        services = [who for kind, who in statement.principals if kind == "Service"]
        context = "kms:EncryptionContext:aws:logs:arn"
        for_us = is_from_us(statement) or statement.condition(context, "ArnEquals")
        if statement.allows and services and not for_us:
            yield f"{', '.join(services)} may act for anybody"
    if resource.type == resource_types.PERMISSION and resource.read("sourceArn") is None:
        yield f"{resource.props['principal']} may invoke the function for anybody: no sourceArn"


@resource_policy(
    "access-jwt",
    on={resource_types.ROUTE},
    protects="A route that answers without a token.",
    fix=f"Set authorization_type JWT and an authorizer; public are {', '.join(PUBLIC_ROUTES)}.",
    source="design: HTTP API; Security Hub APIGateway.8; OWASP API2:2023",
)
def jwt(resource: Resource) -> Iterator[str]:
    """Every route but the public ones wants a token."""
    route = resource.props["routeKey"]
    if route not in PUBLIC_ROUTES:
        if resource.props.get("authorizationType") != "JWT":
            yield f"{route} takes requests without a token"
        elif resource.read("authorizerId") is None:
            yield f"{route} has no authorizer"


@resource_policy(
    "access-jwt-audience",
    on={resource_types.AUTHORIZER},
    protects="A token that was issued for another application, taken for ours.",
    fix="Give the authorizer an issuer and the client ids it accepts.",
    source="Amazon API Gateway Developer Guide: JWT authorizers; aws-traps: API",
)
def jwt_audience(resource: Resource) -> Iterator[str]:
    """The authorizer knows issuer and audience."""
    if resource.props["authorizerType"] != "JWT":
        yield f"{resource.props['authorizerType']} is not JWT"
    if resource.read("jwtConfiguration", "issuer") is None:
        yield "no issuer"
    if not resource.read("jwtConfiguration", "audiences"):
        yield "no audiences: any client's tokens"


@resource_policy(
    "access-cors",
    on={resource_types.API},
    protects="A foreign web page that calls the API with a user's token.",
    fix="Name the web client's origins, over https (http: localhost only).",
    source="OWASP API8:2023; Fetch standard: CORS protocol",
)
def cors(resource: Resource) -> Iterator[str]:
    """Origins are named and encrypted."""
    configuration: Any = resource.props.get("corsConfiguration") or {}
    for origin in configuration.get("allowOrigins") or ():
        local = origin.startswith(("http://localhost", "http://127.0.0.1"))
        if "*" in origin or not (origin.startswith("https://") or local):
            yield f"origin {origin}"


@resource_policy(
    "access-user-pool",
    on={resource_types.USER_POOL},
    protects="Users who let themselves in, and passwords that are guessed.",
    fix=f"Let only administrators create users; ask for {_MINIMUM_PASSWORD} characters.",
    source="guide: アクセス制御; NIST 800-63B 5.1.1; Security Hub Cognito.3",
)
def user_pool(resource: Resource) -> Iterator[str]:
    """Accounts are made by administrators, with real passwords."""
    if not resource.read("adminCreateUserConfig", "allowAdminCreateUserOnly"):
        yield "anybody may sign up"
    if (resource.read("passwordPolicy", "minimumLength") or 0) < _MINIMUM_PASSWORD:
        yield "passwords may be short"


@resource_policy(
    "access-user-pool-client",
    on={resource_types.USER_POOL_CLIENT},
    protects="Tokens that cannot be taken back, and a login that tells who has an account.",
    fix="Enable token revocation; set prevent_user_existence_errors to ENABLED.",
    source="Amazon Cognito Developer Guide: managing error responses, revoking tokens",
)
def user_pool_client(resource: Resource) -> Iterator[str]:
    """A client gives nothing away."""
    if resource.props.get("enableTokenRevocation") is not True:
        yield "its tokens cannot be revoked"
    if resource.props.get("preventUserExistenceErrors") != "ENABLED":
        yield "its errors tell who has an account"
    if "implicit" in (resource.props.get("allowedOauthFlows") or ()):
        yield "tokens in URLs: the implicit flow"


@resource_policy(
    "access-no-plain-secret",
    on=(),
    protects="A secret that everybody can read who may see the function, the state or the console.",
    fix="Put it into Secrets Manager, and give the function the secret's ARN.",
    source="design: Functions; CWE-312; PCI DSS v4.0.1 8.6.2",
)
def no_plain_secret(resource: Resource) -> Iterator[str]:
    """No input, variable or export looks like a secret (the value is not repeated)."""
    for path, text in strings(resource.props):
        if (resource.type, path) not in _OWN_VALUE and is_secret(path.rpartition(".")[2], text):
            yield f"{path} looks like a secret"
    variables: Any = resource.read("environment", "variables")
    for name, _ in strings(variables) if resource.type == resource_types.FUNCTION else ():
        if _SECRET_NAME.search(name) and not _NOT_ITSELF.search(name):
            yield f"environment variable {name}: by its name a secret"


@stack_policy(
    "access-no-plain-configuration",
    protects="A secret in a stack file, and so in Git.",
    fix="pulumi config set --secret KEY.",
    source="design: Settings; Pulumi docs: secrets handling; CWE-540",
)
def no_plain_configuration(graph: Graph) -> Iterator[tuple[Resource, str]]:
    """Configuration that looks like a secret is one, and exports hold none."""
    (stack,) = graph.of(resource_types.STACK)
    hidden: Any = pulumi.runtime.get_config_secret_keys_env()
    for key, value in pulumi.runtime.get_config_env().items():
        if key not in hidden and is_secret(key.rpartition(":")[2], value):
            yield stack, f"configuration {key} looks like a secret and is stored in plain text"


def is_secret(name: str, text: str) -> bool:
    """Whether a text looks like a secret by itself, or by its name and its looks."""
    if _SECRET_TEXT.search(text):
        return True
    named = _SECRET_NAME.search(name) and not _NOT_ITSELF.search(name)
    opaque = re.fullmatch(r"[\w+/=.~-]{16,}", text) and re.search(r"\d", text)
    return bool(named and opaque)

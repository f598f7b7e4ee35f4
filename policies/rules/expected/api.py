"""Settings of the HTTP API."""

import json
import re
from collections.abc import Iterator
from typing import Any

from policies.policy import resource_policy
from policies.rules.expected.settings import Right, Table, between, one_of, wrong_settings
from policies.stack import resource_types
from policies.stack.resource_graph import Resource

_DOMAIN_NAME = "aws:apigatewayv2/domainName:DomainName"
_LOG_VARIABLES = frozenset(
    {
        *("requestId", "extendedRequestId", "requestTime", "requestTimeEpoch", "routeKey"),
        *("status", "httpMethod", "path", "protocol", "stage", "apiId", "accountId"),
        *("domainName", "domainPrefix", "customDomain.basePathMatched", "dataProcessed"),
        *("responseLatency", "responseLength", "integrationLatency", "integrationStatus"),
        *("integrationErrorMessage", "integration.error", "integration.integrationStatus"),
        *("integration.latency", "integration.requestId", "integration.status"),
        *("error.message", "error.messageString", "error.responseType", "authorizer.error"),
        *("authorizer.claims.sub", "authorizer.principalId", "awsEndpointRequestId"),
        *("awsEndpointRequestId2", "identity.sourceIp", "identity.userAgent"),
        *("identity.cognitoIdentityId", "identity.user", "identity.userArn"),
    }
)
"""Amazon API Gateway Developer Guide: variables of HTTP API access logs."""
_LOGGED = frozenset(
    {
        *("requestId", "requestTime", "routeKey", "status", "responseLatency", "error.message"),
        *("integrationErrorMessage", "identity.sourceIp", "authorizer.claims.sub"),
    }
)
"""What an investigation needs: when, who, from where, what, how long, and why it failed."""


def _logs_what_is_needed(text: Any) -> bool:
    values = set(json.loads(text).values()) if isinstance(text, str) else set[Any]()
    names = {re.sub(r"^\$context\.", "", str(value)) for value in values}
    return _LOGGED <= names <= _LOG_VARIABLES


def _names_some(value: Any) -> bool:
    return bool(value) and "*" not in value


SETTINGS: Table = {
    resource_types.API: (
        one_of(
            "corsConfiguration.allowCredentials",
            [None, False],
            "a web page's request would carry cookies, and tokens are in a header",
        ),
        one_of("protocolType", ["HTTP"], "authorizers, CORS and throttle are those of HTTP APIs"),
        *(
            Right(
                f"corsConfiguration.{name}", _names_some, "a list without *", "other pages may call"
            )
            for name in ("allowOrigins", "allowMethods", "allowHeaders")
        ),
    ),
    resource_types.INTEGRATION: (
        one_of("integrationType", ["AWS_PROXY"], "requests and tokens go to our functions only"),
        one_of("payloadFormatVersion", ["2.0"], "handlers read the second version"),
        between("timeoutMilliseconds", 50, 30_000, "AWS's limits; a caller waits so long"),
    ),
    resource_types.STAGE: (
        one_of("autoDeploy", [True], "a changed route is not served before it is deployed"),
        one_of(
            "defaultRouteSettings.detailedMetricsEnabled",
            [True],
            "alarms on routes would have no data",
        ),
        Right(
            "accessLogSettings.format",
            _logs_what_is_needed,
            f"JSON with $context.{', $context.'.join(sorted(_LOGGED))} and variables that exist",
            "an incident cannot be followed",
        ),
    ),
    _DOMAIN_NAME: (
        one_of("domainNameConfiguration.securityPolicy", ["TLS_1_2"], "older TLS can be broken"),
        one_of("domainNameConfiguration.endpointType", ["REGIONAL"], "HTTP APIs have no other"),
    ),
}


@resource_policy(
    "expected-api",
    on=SETTINGS,
    risk="The API is served otherwise than its functions, log and alarms are made for.",
    fix="Give the setting the value that the message names.",
    source="Amazon API Gateway Developer Guide: HTTP APIs; Security Hub APIGateway.9",
)
def api_settings(resource: Resource) -> Iterator[str]:
    """Protocol, CORS, integrations, access log and TLS are what the product is made for."""
    yield from wrong_settings(resource, SETTINGS)

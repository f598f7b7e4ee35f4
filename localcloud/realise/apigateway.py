"""HTTP APIs: authorizers, integrations, routes and stages.

The emulator serves every API of its one port below a path, so that any HTTP client can use it: a
name such as `ID.execute-api.localhost` is not resolved everywhere.
"""

from typing import Any

from localcloud.realise.realiser import (
    Clients,
    Properties,
    capitalised,
    named_back,
    renamed,
    uncapitalised,
)

_API = {
    "name": "Name",
    "protocolType": "ProtocolType",
    "description": "Description",
    "disableExecuteApiEndpoint": "DisableExecuteApiEndpoint",
    "corsConfiguration": "CorsConfiguration",
}
_AUTHORIZER = {
    "name": "Name",
    "apiId": "ApiId",
    "authorizerType": "AuthorizerType",
    "identitySources": "IdentitySource",
}
_INTEGRATION = {
    "apiId": "ApiId",
    "integrationType": "IntegrationType",
    "integrationUri": "IntegrationUri",
    "integrationMethod": "IntegrationMethod",
    "payloadFormatVersion": "PayloadFormatVersion",
    "timeoutMilliseconds": "TimeoutInMillis",
    "connectionType": "ConnectionType",
    "description": "Description",
}
_ROUTE = {
    "apiId": "ApiId",
    "routeKey": "RouteKey",
    "target": "Target",
    "authorizationType": "AuthorizationType",
    "authorizerId": "AuthorizerId",
    "authorizationScopes": "AuthorizationScopes",
    "operationName": "OperationName",
}
_STAGE = {
    "apiId": "ApiId",
    "name": "StageName",
    "autoDeploy": "AutoDeploy",
    "description": "Description",
    "accessLogSettings": "AccessLogSettings",
    "defaultRouteSettings": "DefaultRouteSettings",
    "stageVariables": "StageVariables",
}
_NESTED = ("corsConfiguration", "accessLogSettings", "defaultRouteSettings")


def create_api(clients: Clients, declared: Properties) -> str:
    """CreateApi."""
    return _gateway(clients).create_api(**_options(declared, _API), **_tags(declared))["ApiId"]


def read_api(clients: Clients, api_id: str, _declared: Properties) -> Properties:
    """GetApi; `apiEndpoint` in the form that resolves everywhere."""
    gateway = _gateway(clients)
    api = gateway.get_api(ApiId=api_id)
    region = gateway.meta.region_name
    account = clients("sts").get_caller_identity()["Account"]
    return {
        **_held(api, _API),
        "apiEndpoint": f"{clients.endpoint}/_aws/execute-api/{api_id}",
        "arn": f"arn:aws:apigateway:{region}::/apis/{api_id}",
        "executionArn": f"arn:aws:execute-api:{region}:{account}:{api_id}",
        "tags": api.get("Tags", {}),
    }


def create_authorizer(clients: Clients, declared: Properties) -> str:
    """CreateAuthorizer."""
    options = renamed(declared, _AUTHORIZER)
    if jwt := declared.get("jwtConfiguration"):
        options["JwtConfiguration"] = {"Audience": jwt["audiences"], "Issuer": jwt["issuer"]}
    return _gateway(clients).create_authorizer(**options)["AuthorizerId"]


def read_authorizer(clients: Clients, authorizer_id: str, declared: Properties) -> Properties:
    """GetAuthorizer."""
    api_id = declared["apiId"]
    authorizer = _gateway(clients).get_authorizer(ApiId=api_id, AuthorizerId=authorizer_id)
    jwt = authorizer.get("JwtConfiguration", {})
    return {
        **named_back({**authorizer, "ApiId": api_id}, _AUTHORIZER),
        "jwtConfiguration": {"audiences": jwt.get("Audience"), "issuer": jwt.get("Issuer")},
    }


def create_integration(clients: Clients, declared: Properties) -> str:
    """CreateIntegration."""
    return _gateway(clients).create_integration(**renamed(declared, _INTEGRATION))["IntegrationId"]


def read_integration(clients: Clients, integration_id: str, declared: Properties) -> Properties:
    """GetIntegration."""
    api_id = declared["apiId"]
    integration = _gateway(clients).get_integration(ApiId=api_id, IntegrationId=integration_id)
    return named_back({**integration, "ApiId": api_id}, _INTEGRATION)


def create_route(clients: Clients, declared: Properties) -> str:
    """CreateRoute."""
    return _gateway(clients).create_route(**renamed(declared, _ROUTE))["RouteId"]


def read_route(clients: Clients, route_id: str, declared: Properties) -> Properties:
    """GetRoute."""
    api_id = declared["apiId"]
    route = _gateway(clients).get_route(ApiId=api_id, RouteId=route_id)
    return named_back({**route, "ApiId": api_id}, _ROUTE)


def create_stage(clients: Clients, declared: Properties) -> str:
    """CreateStage; each route's own settings included."""
    options = _options(declared, _STAGE)
    if settings := declared.get("routeSettings"):
        options["RouteSettings"] = {each["routeKey"]: _route_settings(each) for each in settings}
    _gateway(clients).create_stage(**options, **_tags(declared))
    return declared["name"]


def read_stage(clients: Clients, name: str, declared: Properties) -> Properties:
    """GetStage; `invokeUrl` without a slash at its end, unlike the provider's for `$default`."""
    gateway, api_id = _gateway(clients), declared["apiId"]
    stage = gateway.get_stage(ApiId=api_id, StageName=name)
    path = "" if name == "$default" else f"/{name}"
    settings = stage.get("RouteSettings", {})
    return {
        **_held({**stage, "ApiId": api_id}, _STAGE),
        "routeSettings": [
            {"routeKey": key, **uncapitalised(value)} for key, value in settings.items()
        ],
        "arn": f"arn:aws:apigateway:{gateway.meta.region_name}::/apis/{api_id}/stages/{name}",
        "invokeUrl": f"{clients.endpoint}/_aws/execute-api/{api_id}{path}",
        "tags": stage.get("Tags", {}),
    }


def _gateway(clients: Clients) -> Any:
    return clients("apigatewayv2")


def _options(declared: Properties, names: dict[str, str]) -> dict[str, Any]:
    nested = {name: capitalised(declared[name]) for name in _NESTED if declared.get(name)}
    return renamed({**declared, **nested}, names)


def _held(answer: dict[str, Any], names: dict[str, str]) -> Properties:
    held = named_back(answer, names)
    return {**held, **{name: uncapitalised(held[name]) for name in _NESTED if name in held}}


def _route_settings(settings: Properties) -> dict[str, Any]:
    return capitalised({name: value for name, value in settings.items() if name != "routeKey"})


def _tags(declared: Properties) -> dict[str, Any]:
    return {"Tags": declared["tags"]} if declared.get("tags") else {}

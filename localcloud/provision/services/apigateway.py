"""HTTP APIs: authorizers, integrations, routes and stages.

The emulator serves each API below a path of its endpoint: a host name such as
`ID.execute-api.localhost` is not resolved on every machine.
"""

from typing import Any

from localcloud.provision.provisioner import (
    Clients,
    Properties,
    capitalised,
    from_api,
    to_api,
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
    """GetApi, with the `apiEndpoint` below the emulator's endpoint."""
    gateway = _gateway(clients)
    api = gateway.get_api(ApiId=api_id)
    region = gateway.meta.region_name
    account = clients("sts").get_caller_identity()["Account"]
    arn = f"arn:aws:apigateway:{region}::/apis/{api_id}"
    return {
        **_held(api, _API),
        "apiEndpoint": f"{clients.endpoint}/_aws/execute-api/{api_id}",
        "arn": arn,
        "executionArn": f"arn:aws:execute-api:{region}:{account}:{api_id}",
        # MiniStack's GetApi answers the tags of the creation
        "tags": gateway.get_tags(ResourceArn=arn)["Tags"],
    }


def update_api(clients: Clients, api_id: str, declared: Properties, _old: Properties) -> None:
    """UpdateApi."""
    _gateway(clients).update_api(ApiId=api_id, **_options(_without(declared, "protocolType"), _API))


def delete_api(clients: Clients, api_id: str, _declared: Properties) -> None:
    """DeleteApi."""
    _gateway(clients).delete_api(ApiId=api_id)


def create_authorizer(clients: Clients, declared: Properties) -> str:
    """CreateAuthorizer."""
    return _gateway(clients).create_authorizer(**_authorizer_options(declared))["AuthorizerId"]


def read_authorizer(clients: Clients, authorizer_id: str, declared: Properties) -> Properties:
    """GetAuthorizer."""
    api_id = declared["apiId"]
    authorizer = _gateway(clients).get_authorizer(ApiId=api_id, AuthorizerId=authorizer_id)
    jwt = authorizer.get("JwtConfiguration", {})
    return {
        **from_api({**authorizer, "ApiId": api_id}, _AUTHORIZER),
        "jwtConfiguration": {"audiences": jwt.get("Audience"), "issuer": jwt.get("Issuer")},
    }


def update_authorizer(
    clients: Clients, authorizer_id: str, declared: Properties, _old: Properties
) -> None:
    """UpdateAuthorizer."""
    _gateway(clients).update_authorizer(AuthorizerId=authorizer_id, **_authorizer_options(declared))


def delete_authorizer(clients: Clients, authorizer_id: str, declared: Properties) -> None:
    """DeleteAuthorizer."""
    _gateway(clients).delete_authorizer(ApiId=declared["apiId"], AuthorizerId=authorizer_id)


def create_integration(clients: Clients, declared: Properties) -> str:
    """CreateIntegration."""
    return _gateway(clients).create_integration(**to_api(declared, _INTEGRATION))["IntegrationId"]


def read_integration(clients: Clients, integration_id: str, declared: Properties) -> Properties:
    """GetIntegration."""
    api_id = declared["apiId"]
    integration = _gateway(clients).get_integration(ApiId=api_id, IntegrationId=integration_id)
    return from_api({**integration, "ApiId": api_id}, _INTEGRATION)


def update_integration(
    clients: Clients, integration_id: str, declared: Properties, _old: Properties
) -> None:
    """UpdateIntegration."""
    options = to_api(declared, _INTEGRATION)
    _gateway(clients).update_integration(IntegrationId=integration_id, **options)


def delete_integration(clients: Clients, integration_id: str, declared: Properties) -> None:
    """DeleteIntegration."""
    _gateway(clients).delete_integration(ApiId=declared["apiId"], IntegrationId=integration_id)


def create_route(clients: Clients, declared: Properties) -> str:
    """CreateRoute."""
    return _gateway(clients).create_route(**to_api(declared, _ROUTE))["RouteId"]


def read_route(clients: Clients, route_id: str, declared: Properties) -> Properties:
    """GetRoute."""
    api_id = declared["apiId"]
    route = _gateway(clients).get_route(ApiId=api_id, RouteId=route_id)
    return from_api({**route, "ApiId": api_id}, _ROUTE)


def update_route(clients: Clients, route_id: str, declared: Properties, _old: Properties) -> None:
    """UpdateRoute."""
    _gateway(clients).update_route(RouteId=route_id, **to_api(declared, _ROUTE))


def delete_route(clients: Clients, route_id: str, declared: Properties) -> None:
    """DeleteRoute."""
    _gateway(clients).delete_route(ApiId=declared["apiId"], RouteId=route_id)


def create_stage(clients: Clients, declared: Properties) -> str:
    """CreateStage, with the settings of single routes."""
    _gateway(clients).create_stage(**_stage_options(declared), **_tags(declared))
    return declared["name"]


def update_stage(clients: Clients, _name: str, declared: Properties, _old: Properties) -> None:
    """UpdateStage."""
    _gateway(clients).update_stage(**_stage_options(declared))


def delete_stage(clients: Clients, name: str, declared: Properties) -> None:
    """DeleteStage."""
    _gateway(clients).delete_stage(ApiId=declared["apiId"], StageName=name)


def read_stage(clients: Clients, name: str, declared: Properties) -> Properties:
    """GetStage; unlike the provider's, the `invokeUrl` of `$default` has no slash at the end."""
    gateway, api_id = _gateway(clients), declared["apiId"]
    stage = gateway.get_stage(ApiId=api_id, StageName=name)
    path = "" if name == "$default" else f"/{name}"
    settings = stage.get("RouteSettings", {})
    arn = f"arn:aws:apigateway:{gateway.meta.region_name}::/apis/{api_id}/stages/{name}"
    return {
        **_held({**stage, "ApiId": api_id}, _STAGE),
        "routeSettings": [
            {"routeKey": key, **uncapitalised(value)} for key, value in settings.items()
        ],
        "arn": arn,
        "invokeUrl": f"{clients.endpoint}/_aws/execute-api/{api_id}{path}",
        "tags": gateway.get_tags(ResourceArn=arn)["Tags"],
    }


def _gateway(clients: Clients) -> Any:
    return clients("apigatewayv2")


def _authorizer_options(declared: Properties) -> dict[str, Any]:
    options = to_api(declared, _AUTHORIZER)
    if jwt := declared.get("jwtConfiguration"):
        options["JwtConfiguration"] = {"Audience": jwt["audiences"], "Issuer": jwt["issuer"]}
    return options


def _stage_options(declared: Properties) -> dict[str, Any]:
    options = _options(declared, _STAGE)
    if settings := declared.get("routeSettings"):
        options["RouteSettings"] = {each["routeKey"]: _route_settings(each) for each in settings}
    return options


def _without(declared: Properties, name: str) -> Properties:
    return {key: value for key, value in declared.items() if key != name}


def _options(declared: Properties, names: dict[str, str]) -> dict[str, Any]:
    nested = {name: capitalised(declared[name]) for name in _NESTED if declared.get(name)}
    return to_api({**declared, **nested}, names)


def _held(answer: dict[str, Any], names: dict[str, str]) -> Properties:
    held = from_api(answer, names)
    return {**held, **{name: uncapitalised(held[name]) for name in _NESTED if name in held}}


def _route_settings(settings: Properties) -> dict[str, Any]:
    return capitalised({name: value for name, value in settings.items() if name != "routeKey"})


def _tags(declared: Properties) -> dict[str, Any]:
    return {"Tags": declared["tags"]} if declared.get("tags") else {}

"""The HTTP API: Cognito's tokens in front, the workflow's functions behind."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.api.user_pool import UserPool
from components.names import Names
from components.settings import Settings
from handlers.contract.functions import FunctionSpec
from handlers.contract.routes import ROUTES, Route

_INTEGRATION_TIMEOUT_MS = 29_000
"""Less than the 30 s that an HTTP API waits at most (AWS: API Gateway quotas)."""

_ACCESS_LOG = {
    "requestId": "$context.requestId",
    "time": "$context.requestTime",
    "routeKey": "$context.routeKey",
    "status": "$context.status",
    "latencyMs": "$context.responseLatency",
    "responseLength": "$context.responseLength",
    "error": "$context.error.message",
    "integrationError": "$context.integrationErrorMessage",
    "sourceIp": "$context.identity.sourceIp",
    "userId": "$context.authorizer.claims.sub",
}


@dataclass(frozen=True)
class WorkflowApiArgs:
    """What differs between stacks.

    aliases: of the functions that answer routes.
    kms_key_arn: customer key of the access log.
    after: what the functions need before they are called: the state machine's alias.
    """

    names: Names
    settings: Settings
    user_pool: UserPool
    aliases: dict[FunctionSpec, aws.lambda_.Alias]
    kms_key_arn: pulumi.Input[str]
    after: Sequence[pulumi.Resource]


class WorkflowApi(pulumi.ComponentResource):
    """An HTTP API with all routes of the contract; all but the public ones need a token."""

    api: aws.apigatewayv2.Api
    url: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        args: WorkflowApiArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("goalmandala:workflow:WorkflowApi", name, None, opts)
        self._name = name
        self._args = args
        self.api = aws.apigatewayv2.Api(
            f"{name}-api",
            name=args.names.api,
            protocol_type="HTTP",
            cors_configuration=_cors(args.settings.cors_origins),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self._in_api = pulumi.ResourceOptions(parent=self.api)
        authorizer = aws.apigatewayv2.Authorizer(
            f"{name}-authorizer",
            name="cognito",
            api_id=self.api.id,
            authorizer_type="JWT",
            identity_sources=["$request.header.Authorization"],
            jwt_configuration={
                "issuer": args.user_pool.issuer,
                "audiences": args.user_pool.client_ids,
            },
            opts=self._in_api,
        )
        specs = dict.fromkeys(route.function for route in ROUTES)
        answering = {spec: self._integration(spec) for spec in specs}
        routes = [self._route(route, answering[route.function], authorizer) for route in ROUTES]
        stage = self._stage(routes)
        self.url = self._custom_url(stage) or self.api.api_endpoint
        self.register_outputs({"url": self.url})

    def _integration(self, spec: FunctionSpec) -> aws.apigatewayv2.Integration:
        return aws.apigatewayv2.Integration(
            f"{self._name}-{spec.name}",
            api_id=self.api.id,
            integration_type="AWS_PROXY",
            integration_uri=self._args.aliases[spec].arn,
            payload_format_version="2.0",
            timeout_milliseconds=_INTEGRATION_TIMEOUT_MS,
            opts=self._in_api,
        )

    def _route(
        self,
        route: Route,
        integration: aws.apigatewayv2.Integration,
        authorizer: aws.apigatewayv2.Authorizer,
    ) -> aws.apigatewayv2.Route:
        alias = self._args.aliases[route.function]
        # API Gateway generates the API's id, so this ARN is an output; the first * is the stage.
        permission = aws.lambda_.Permission(
            f"{self._name}-{_letters(route)}-permission",
            action="lambda:InvokeFunction",
            function=alias.function_name,
            qualifier=alias.name,
            principal="apigateway.amazonaws.com",
            source_arn=pulumi.Output.concat(
                self.api.execution_arn, f"/*/{route.method}{route.path}"
            ),
            opts=self._in_api,
        )
        return aws.apigatewayv2.Route(
            f"{self._name}-{route.method}{route.path}",
            api_id=self.api.id,
            route_key=route.key,
            target=pulumi.Output.concat("integrations/", integration.id),
            authorization_type="NONE" if route.public else "JWT",
            authorizer_id=None if route.public else authorizer.id,
            opts=pulumi.ResourceOptions(
                parent=self.api, depends_on=[permission, *self._args.after]
            ),
        )

    def _stage(self, routes: list[aws.apigatewayv2.Route]) -> aws.apigatewayv2.Stage:
        settings = self._args.settings
        log_group = aws.cloudwatch.LogGroup(
            f"{self._name}-log",
            name=self._args.names.api_log_group,
            kms_key_id=self._args.kms_key_arn,
            retention_in_days=settings.log_retention_days,
            opts=pulumi.ResourceOptions(parent=self, retain_on_delete=settings.protect),
        )
        return aws.apigatewayv2.Stage(
            f"{self._name}-stage",
            api_id=self.api.id,
            name="$default",
            auto_deploy=True,
            access_log_settings={
                "destination_arn": log_group.arn,
                "format": json.dumps(_ACCESS_LOG),
            },
            default_route_settings={
                "detailed_metrics_enabled": True,
                "throttling_rate_limit": settings.api_throttle.rate,
                "throttling_burst_limit": settings.api_throttle.burst,
            },
            opts=pulumi.ResourceOptions(parent=self.api, depends_on=routes),
        )

    def _custom_url(self, stage: aws.apigatewayv2.Stage) -> pulumi.Output[str] | None:
        custom = self._args.settings.custom_domain
        if custom is None:
            return None
        domain = aws.apigatewayv2.DomainName(
            f"{self._name}-domain",
            domain_name=custom.name,
            domain_name_configuration={
                "certificate_arn": custom.certificate_arn,
                "endpoint_type": "REGIONAL",
                "security_policy": "TLS_1_2",
            },
            opts=self._in_api,
        )
        mapping = aws.apigatewayv2.ApiMapping(
            f"{self._name}-domain-mapping",
            api_id=self.api.id,
            domain_name=domain.domain_name,
            stage=stage.name,
            opts=self._in_api,
        )
        return pulumi.Output.concat("https://", mapping.domain_name)


def _letters(route: Route) -> str:
    """A route as part of a Pulumi name: AWS's provider makes a permission's statement id of that,
    and refuses `/`, `{` and `}` in it."""
    return re.sub("[^0-9A-Za-z]+", "-", f"{route.method}{route.path}").strip("-")


def _cors(origins: list[str]) -> aws.apigatewayv2.ApiCorsConfigurationArgs | None:
    if not origins:
        return None
    return aws.apigatewayv2.ApiCorsConfigurationArgs(
        allow_origins=origins,
        allow_methods=sorted({route.method for route in ROUTES}),
        allow_headers=["authorization", "content-type", "idempotency-key"],
        max_age=3600,
    )

"""Cognito's tokens and the HTTP API's JWT authorizer."""

import base64
import hashlib
import hmac
import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

import pytest

from tests.localcloud.emulated import ACCOUNT_ID, REGION, EmulatedAws, Json, Read

PASSWORD = "Correct-Horse-9"
SOURCE = """
import json
def handler(event, context):
    if event["body"] == '"fail"':
        raise ValueError("a secret")
    claims = event["requestContext"].get("authorizer", {}).get("jwt", {}).get("claims")
    body = {"claims": claims, "goalId": event["pathParameters"]["goalId"], "body": event["body"]}
    return {"statusCode": 202, "body": json.dumps(body), "headers": {"x-ours": "1"}}
"""


@dataclass(frozen=True)
class Api:
    """An HTTP API with a JWT authorizer over a pool with one user, a member of `admin`."""

    url: str
    pool: str
    client: str
    tokens: Json
    sub: str

    def post(
        self,
        token: str = "",
        path: str = "/goals/g-1/start-activity",
        body: bytes = b'{"a": 1}',
    ) -> tuple[int, Any]:
        """POST a request; returns status and body."""
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        request = urllib.request.Request(self.url + path, body, headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read())


@pytest.fixture(scope="module")
def api(aws: EmulatedAws) -> Api:
    """The API of this module."""
    cognito, gateway = aws.client("cognito-idp"), aws.client("apigatewayv2")
    pool, client, tokens, sub = _sign_up(cognito, "user@example.com")
    function = aws.function(aws.role("lambda"), source=SOURCE)
    api = gateway.create_api(Name="api", ProtocolType="HTTP")
    authorizer = gateway.create_authorizer(
        ApiId=api["ApiId"],
        Name="jwt",
        AuthorizerType="JWT",
        IdentitySource=["$request.header.Authorization"],
        JwtConfiguration={
            "Issuer": f"https://cognito-idp.{REGION}.amazonaws.com/{pool}",
            "Audience": [client],
        },
    )
    integration = gateway.create_integration(
        ApiId=api["ApiId"],
        IntegrationType="AWS_PROXY",
        IntegrationUri=function,
        PayloadFormatVersion="2.0",
    )
    gateway.create_route(
        ApiId=api["ApiId"],
        RouteKey="POST /goals/{goalId}/start-activity",
        Target=f"integrations/{integration['IntegrationId']}",
        AuthorizationType="JWT",
        AuthorizerId=authorizer["AuthorizerId"],
    )
    gateway.create_stage(ApiId=api["ApiId"], StageName="$default", AutoDeploy=True)
    aws.functions.add_permission(
        FunctionName=function,
        StatementId="api",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        SourceArn=f"arn:aws:execute-api:{REGION}:{ACCOUNT_ID}:{api['ApiId']}/*",
    )
    url = f"{aws.emulator.url}/_aws/execute-api/{api['ApiId']}"
    return Api(url, pool, client, tokens, sub)


def _sign_up(cognito: Any, name: str) -> tuple[str, str, Json, str]:
    pool = cognito.create_user_pool(PoolName=name)["UserPool"]["Id"]
    client = cognito.create_user_pool_client(
        UserPoolId=pool,
        ClientName="web",
        ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )["UserPoolClient"]["ClientId"]
    cognito.create_group(UserPoolId=pool, GroupName="admin")
    user = cognito.admin_create_user(UserPoolId=pool, Username=name, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(
        UserPoolId=pool, Username=name, Password=PASSWORD, Permanent=True
    )
    cognito.admin_add_user_to_group(UserPoolId=pool, Username=name, GroupName="admin")
    answer = cognito.admin_initiate_auth(
        UserPoolId=pool,
        ClientId=client,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": name, "PASSWORD": PASSWORD},
    )
    attributes = {each["Name"]: each["Value"] for each in user["User"]["Attributes"]}
    return pool, client, answer["AuthenticationResult"], attributes["sub"]


def _payload(token: str) -> Json:
    body = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=="))


def _signed_otherwise(token: str, algorithm: str) -> str:
    """The token's payload with another algorithm: none, or HS256 with a known key."""
    header = base64.urlsafe_b64encode(json.dumps({"alg": algorithm}).encode()).decode().rstrip("=")
    unsigned = f"{header}.{token.split('.')[1]}"
    signature = hmac.digest(b"k" * 32, unsigned.encode(), hashlib.sha256)
    encoded = base64.urlsafe_b64encode(signature).decode().rstrip("=")
    return f"{unsigned}.{'' if algorithm == 'none' else encoded}"


@pytest.mark.parametrize("kind", ["IdToken", "AccessToken"])
def test_id_and_access_tokens_are_accepted_and_their_claims_reach_the_function(
    api: Api, kind: str
) -> None:
    status, body = api.post(api.tokens[kind])

    assert status == 202
    assert body["goalId"] == "g-1"
    assert json.loads(body["body"]) == {"a": 1}
    assert body["claims"]["sub"] == api.sub
    assert body["claims"]["cognito:groups"] == "[admin]"


def test_an_id_token_has_an_audience_and_an_access_token_a_client_id(api: Api) -> None:
    identity, access = _payload(api.tokens["IdToken"]), _payload(api.tokens["AccessToken"])

    assert (identity["aud"], identity["token_use"]) == (api.client, "id")
    assert (access["client_id"], access["token_use"]) == (api.client, "access")
    assert "aud" not in access


def test_a_request_without_a_token_gets_the_gateways_401(api: Api) -> None:
    assert api.post() == (401, {"message": "Unauthorized"})


def test_a_forged_an_unsigned_and_another_pools_token_are_refused(
    aws: EmulatedAws, api: Api
) -> None:
    header, payload, signature = api.tokens["IdToken"].split(".")
    unsigned, symmetric = (
        _signed_otherwise(api.tokens["IdToken"], each) for each in ("none", "HS256")
    )
    _, _, others, _ = _sign_up(aws.client("cognito-idp"), "other@example.com")
    changed = signature[:-10] + ("A" * 10)

    for token in (f"{header}.{payload}.{changed}", unsigned, symmetric, others["IdToken"], "x"):
        assert api.post(token)[0] == 401


def test_a_refresh_token_is_refused(api: Api) -> None:
    assert api.post(api.tokens["RefreshToken"]) == (401, {"message": "Unauthorized"})


def test_a_token_of_another_client_of_the_pool_is_refused(aws: EmulatedAws, api: Api) -> None:
    cognito = aws.client("cognito-idp")
    other = cognito.create_user_pool_client(
        UserPoolId=api.pool,
        ClientName="other",
        ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"],
    )["UserPoolClient"]["ClientId"]
    tokens = cognito.admin_initiate_auth(
        UserPoolId=api.pool,
        ClientId=other,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "user@example.com", "PASSWORD": PASSWORD},
    )["AuthenticationResult"]

    assert api.post(tokens["IdToken"])[0] == 401


def test_a_wrong_password_gets_no_token(aws: EmulatedAws, api: Api) -> None:
    cognito = aws.client("cognito-idp")

    with pytest.raises(cognito.exceptions.NotAuthorizedException):
        cognito.admin_initiate_auth(
            UserPoolId=api.pool,
            ClientId=api.client,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "user@example.com", "PASSWORD": "Wrong-Horse-9"},
        )


def test_an_unknown_route_gets_the_gateways_404(api: Api) -> None:
    assert api.post(api.tokens["IdToken"], "/goals") == (404, {"message": "Not Found"})


def test_a_failed_function_gets_the_gateways_500(api: Api) -> None:
    answer = api.post(api.tokens["IdToken"], body=b'"fail"')

    assert answer == (500, {"message": "Internal Server Error"})


def test_requests_to_an_api_are_counted(api: Api, read: Read) -> None:
    by_api = {"ApiId": api.url.rpartition("/")[2]}

    def counts() -> list[float]:
        return [read("AWS/ApiGateway", name, **by_api) or 0 for name in ("Count", "4xx", "5xx")]

    before = counts()
    statuses = [api.post(), api.post(api.tokens["IdToken"]), api.post(path="/nowhere")]
    failed = api.post(api.tokens["IdToken"], body=b'"fail"')

    assert [status for status, _ in (*statuses, failed)] == [401, 202, 404, 500]
    assert [now - then for now, then in zip(counts(), before, strict=True)] == [4, 2, 1]
    latency = read("AWS/ApiGateway", "Latency", "Minimum", **by_api)
    assert latency is not None
    assert latency > 0

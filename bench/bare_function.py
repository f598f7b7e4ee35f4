"""A function that returns a constant: the baseline of the API's latencies."""

import io
import json
import zipfile

from localcloud.aws.functions.bootstrap import bootstrap
from localcloud.cluster.state import CloudState

PATH = "/bare"
_NAME = "bare"
_SOURCE = """
def handler(event, context):
    headers = {"Content-Type": "application/json"}
    return {"statusCode": 200, "headers": headers, "body": '{"status":"ok"}'}
"""
_TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


def deploy_bare_function(state: CloudState) -> str:
    """A function that returns a constant, behind the API's own authorizer; the route's URL."""
    role = state.client("iam").create_role(
        RoleName=_NAME, AssumeRolePolicyDocument=json.dumps(_TRUST)
    )["Role"]["Arn"]
    function = state.client("lambda").create_function(
        FunctionName=_NAME,
        Role=role,
        Runtime="provided.al2023",
        Handler="bare.handler",
        MemorySize=512,
        Code={"ZipFile": _package()},
    )["FunctionArn"]
    gateway = state.client("apigatewayv2")
    api_id = state.api_url.rpartition("/")[2]
    [authorizer] = gateway.get_authorizers(ApiId=api_id)["Items"]
    integration = gateway.create_integration(
        ApiId=api_id,
        IntegrationType="AWS_PROXY",
        IntegrationUri=function,
        PayloadFormatVersion="2.0",
    )["IntegrationId"]
    gateway.create_route(
        ApiId=api_id,
        RouteKey=f"GET {PATH}",
        Target=f"integrations/{integration}",
        AuthorizationType="JWT",
        AuthorizerId=authorizer["AuthorizerId"],
    )
    return state.api_url + PATH


def _package() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as package:
        package.writestr("bare.py", _SOURCE)
        start = zipfile.ZipInfo("bootstrap")
        start.external_attr = 0o755 << 16
        package.writestr(start, bootstrap())
    return content.getvalue()

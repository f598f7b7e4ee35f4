"""What the AWS provider computes: outputs in AWS's form, and inputs that a program leaves out."""

from typing import Any
from uuid import NAMESPACE_URL, uuid5

from declared.resources import DeclaredResource, Provision

COMPUTED_INPUTS: dict[str, tuple[str, ...]] = {
    "aws:iam/role:Role": ("inlinePolicies", "managedPolicyArns"),
    "aws:lambda/function:Function": ("loggingConfig",),
    "aws:secretsmanager/secret:Secret": ("policy",),
    "aws:sns/topic:Topic": ("policy",),
    "aws:sqs/queue:Queue": ("policy",),
}
"""Type -> optional inputs that the provider also returns as outputs: unknown in a preview where the
program does not give them."""

_ARN = {
    "aws:apigatewayv2/api:Api": "apigateway:{region}::/apis/{id}",
    "aws:cloudwatch/eventRule:EventRule": "events:{region}:{account}:rule/{name}",
    "aws:cloudwatch/logGroup:LogGroup": "logs:{region}:{account}:log-group:{name}",
    "aws:cognito/userPool:UserPool": "cognito-idp:{region}:{account}:userpool/{id}",
    "aws:dynamodb/table:Table": "dynamodb:{region}:{account}:table/{name}",
    "aws:iam/role:Role": "iam::{account}:role/{name}",
    "aws:kms/alias:Alias": "kms:{region}:{account}:{name}",
    "aws:kms/key:Key": "kms:{region}:{account}:key/{id}",
    "aws:lambda/alias:Alias": "lambda:{region}:{account}:function:{functionName}:{name}",
    "aws:lambda/function:Function": "lambda:{region}:{account}:function:{name}",
    "aws:secretsmanager/secret:Secret": "secretsmanager:{region}:{account}:secret:{name}-aB3dE6",
    "aws:sfn/stateMachine:StateMachine": "states:{region}:{account}:stateMachine:{name}",
    "aws:sns/topic:Topic": "sns:{region}:{account}:{name}",
    "aws:sqs/queue:Queue": "sqs:{region}:{account}:{name}",
}
_ID_IS_ARN = frozenset({"aws:secretsmanager/secret:Secret"})
_OTHER_OUTPUTS = {
    "aws:apigatewayv2/api:Api": {
        "apiEndpoint": "https://{id}.execute-api.{region}.amazonaws.com",
        "executionArn": "arn:aws:execute-api:{region}:{account}:{id}",
    },
    "aws:kms/key:Key": {"keyId": "{id}"},
    "aws:lambda/function:Function": {"version": "1"},
    "aws:sfn/stateMachine:StateMachine": {"stateMachineVersionArn": "{arn}:1"},
    "aws:sfn/alias:Alias": {"arn": "{machine}:{name}"},
    "aws:sqs/queue:Queue": {"url": "https://sqs.{region}.amazonaws.com/{account}/{name}"},
}


def computed_outputs(account: str, region: str) -> Provision:
    """A provisioner that creates nothing and always returns the same ids and outputs."""

    def provision(resource: DeclaredResource) -> tuple[str, dict[str, Any]]:
        inputs = resource.inputs
        resource_id = str(uuid5(NAMESPACE_URL, resource.urn))
        values = {"name": resource.name, **inputs, "id": resource_id}
        values |= {"account": account, "region": region}
        routing: list[dict[str, str]] = inputs.get("routingConfigurations", [])
        if routing:
            values["machine"] = routing[0]["stateMachineVersionArn"].rpartition(":")[0]
        outputs: dict[str, Any] = {}
        if resource.type in _ARN:
            outputs["arn"] = values["arn"] = "arn:aws:" + _ARN[resource.type].format(**values)
        for output, form in _OTHER_OUTPUTS.get(resource.type, {}).items():
            outputs[output] = form.format(**values)
        return outputs["arn"] if resource.type in _ID_IS_ARN else resource_id, outputs

    return provision

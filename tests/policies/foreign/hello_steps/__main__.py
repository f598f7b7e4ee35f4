"""A state machine that calls one function, with roles as beginners write them.

Written anew after pulumi/examples, aws-py-stepfunctions.
"""

import json
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws

region = pulumi.Config("aws").require("region")


def document(**statement: Any) -> str:
    """A policy with one statement that allows."""
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


def role(name: str, service: str, actions: list[str], resource: str) -> aws.iam.Role:
    """A role of a service, and its grants."""
    trust = document(Action="sts:AssumeRole", Principal={"Service": service})
    made = aws.iam.Role(f"{name}-role", assume_role_policy=trust)
    grants = document(Action=actions, Resource=resource)
    aws.iam.RolePolicy(f"{name}-policy", role=made.id, policy=grants)
    return made


def definition(function_arn: str) -> str:
    """One state."""
    hello = {"Type": "Task", "Resource": function_arn, "End": True}
    return json.dumps({"StartAt": "Hello", "States": {"Hello": hello}})


logs = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
function = aws.lambda_.Function(
    "hello",
    role=role("function", "lambda.amazonaws.com", logs, "arn:aws:logs:*:*:*").arn,
    runtime="python3.9",
    handler="hello.handler",
    code=pulumi.FileArchive(str(Path(__file__).parent / "step")),
)
machine = aws.sfn.StateMachine(
    "steps",
    role_arn=role("machine", f"states.{region}.amazonaws.com", ["lambda:InvokeFunction"], "*").arn,
    definition=function.arn.apply(definition),
)

pulumi.export("machine", machine.arn)

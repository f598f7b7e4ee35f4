"""Checks in every test that a function calls only what its role allows; moto does not check.

A call is a function's if the function's entry module is on the stack.
"""

import importlib
import inspect
import json
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import botocore.handlers

import handlers
from components.arns import Arn
from components.iam.documents import document
from components.iam.function_policies import function_policy, secrets
from components.iam.grants import PROFILE_REGIONS
from components.monitoring.monitoring import Monitoring
from components.names import Names
from components.settings import parse
from handlers.contract.environment import Env
from handlers.contract.functions import FUNCTIONS, FunctionSpec

_iam: Any = importlib.import_module("ministack.core.iam_evaluator")

ENTRIES = {str(Path(handlers.__file__).with_name(f"{spec.module}.py")): spec for spec in FUNCTIONS}
NAMES = Names("test", "123456789012", "ap-northeast-1")

MODEL = "apac.amazon.nova-micro-v1:0"

lacking: list[str] = []
"""What was called without a permission since this was emptied."""


def watch() -> None:
    """From now on, look at every call that a client of this process makes."""
    handler: Any = ("provide-client-params", _look)
    if handler not in botocore.handlers.BUILTIN_HANDLERS:
        botocore.handlers.BUILTIN_HANDLERS.append(handler)


def _look(params: dict[str, Any], model: Any, **_: Any) -> None:
    spec = _caller()
    if spec is None:
        return
    service = model.service_model.signing_name
    for action, resource in _asked(spec, service, model.name, params):
        if not may(spec, action, resource):
            lacking.append(f"{spec.name} lacks {action} on {resource}")


def _caller() -> FunctionSpec | None:
    frame = inspect.currentframe()
    while frame:
        if spec := ENTRIES.get(frame.f_code.co_filename):
            return spec
        frame = frame.f_back
    return None


def may(spec: FunctionSpec, action: str, resource: str) -> bool:
    """Whether the function's role allows it."""
    context = _iam.EvalContext(
        principal_arn=NAMES.function_role(spec),
        principal_type="AssumedRole",
        principal_account=NAMES.account,
        action=action,
        resource_arn=resource,
        region=NAMES.region,
    )
    tokens = int(os.environ.get(Env.MODEL_BUDGET_PER_MINUTE.name, "0"))
    policy = _policy(spec, os.environ.get(Env.BEDROCK_MODEL.name, MODEL), tokens)
    return _iam.evaluate(context, [policy]).decision == "Allow"


@cache
def _policy(spec: FunctionSpec, model: str, tokens_per_minute: int) -> Any:
    configured = {
        "environment": "dev",
        "account_id": NAMES.account,
        "region": NAMES.region,
        "database_url": "postgresql://app:secret@db.invalid/goals",
        "jwt_secret": "j" * 32,
        "slack_webhook": "https://slack.invalid/x",
        "bedrock_model": model,
        "admission": json.dumps({"tokensPerMinute": tokens_per_minute}),
    }
    settings = parse(configured, {})
    alarms = Monitoring(NAMES, settings).children
    return _iam.parse_policy_document(document(function_policy(spec, NAMES, settings, alarms)))


def _asked(  # noqa: PLR0912 - a case a service
    spec: FunctionSpec, service: str, operation: str, params: dict[str, Any]
) -> Iterator[tuple[str, str]]:
    """The permissions that a call needs: (action, resource)."""
    match service, operation:
        case "dynamodb", "TransactWriteItems":
            for item in params["TransactItems"]:
                ((kind, write),) = item.items()
                yield f"dynamodb:{_WRITES[kind]}", _table(write)
        case "dynamodb", _:
            yield f"dynamodb:{operation}", _table(params)
        case "secretsmanager", _:
            yield f"secretsmanager:{operation}", _secret(spec, params["SecretId"])
        case "states", "StartExecution":
            # on the machine, also where the alias is started
            yield f"states:{operation}", params["stateMachineArn"].removesuffix(":live")
        case "states", _:
            yield f"states:{operation}", params["executionArn"]
        case "bedrock", "Converse":
            model = params["modelId"]
            owner, kind = (
                (NAMES.account, "inference-profile")
                if model.partition(".")[0] in PROFILE_REGIONS
                else ("", "foundation-model")
            )
            arn = f"arn:aws:bedrock:{NAMES.region}:{owner}:{kind}/{model}"
            yield "bedrock:InvokeModel", arn
        case "monitoring", "DescribeAlarms":
            alarms = f"arn:aws:cloudwatch:{NAMES.region}:{NAMES.account}:alarm:"
            for name in params["AlarmNames"]:
                yield f"cloudwatch:{operation}", f"{alarms}{name}"
        case "s3", _:
            # in a test the bucket may be called otherwise
            yield (
                f"s3:{operation}",
                NAMES.arn(Arn.BUCKET, f"{NAMES.archive_bucket}/{params['Key']}"),
            )
        case "sns", "Publish":
            yield f"sns:{operation}", params["TopicArn"]
        case "sqs", _:
            queue = params["QueueUrl"].rpartition("/")[2]
            # A batch needs what each of its entries does.
            yield f"sqs:{operation.removesuffix('Batch')}", NAMES.queue_arn(queue)
        case _:
            yield f"{service}:{operation}", "*"


_WRITES = {
    "ConditionCheck": "ConditionCheckItem",
    "Delete": "DeleteItem",
    "Put": "PutItem",
    "Update": "UpdateItem",
}


def _secret(spec: FunctionSpec, secret_id: str) -> str:
    """The secret that a variable of the function names; in a test it may be called otherwise."""
    named = {os.environ.get(variable.name): secret for variable, secret in secrets(spec).items()}
    found = named.get(secret_id)
    return NAMES.secret_arns(found).replace("??????", "aB3dE6") if found else secret_id


def _table(params: dict[str, Any]) -> str:
    (name,) = params.get("RequestItems") or (params["TableName"],)
    table = f"arn:aws:dynamodb:{NAMES.region}:{NAMES.account}:table/{name}"
    return f"{table}/index/{params['IndexName']}" if "IndexName" in params else table

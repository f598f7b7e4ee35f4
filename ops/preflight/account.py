"""What the account lacks: quotas, model access, and the caller's permissions to deploy."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from components.settings import (
    QUOTA_CODE,
    SERVICE_CODE,
    Settings,
    SettingsError,
    with_account_concurrency,
)
from deployment.grants import deploy
from ops.preflight.configuration import Check
from ops.problems import is_missing, sentence
from ops.stack import Stack

_ASSUMED = re.compile(r"arn:(aws[a-z-]*):sts::\d{12}:assumed-role/([^/]+)/.+")
_GEOGRAPHY = re.compile(r"^(apac|au|eu|global|jp|us)\.")
_SHOWN = 5


def account_checks(stack: Stack, settings: Settings) -> Iterator[Check]:
    """The checks of the account; a call that fails makes one check that could not be asked."""
    asked: dict[str, Callable[[Stack, Settings], Check]] = {
        "Lambda concurrency": _concurrency,
        "inference profile": _profile,
        "model access": _model,
        "permissions to deploy": _permissions,
    }
    for name, ask in asked.items():
        try:
            yield ask(stack, settings)
        except (BotoCoreError, ClientError) as error:
            yield Check(name, None, "could not be asked", sentence(error))


def _concurrency(stack: Stack, settings: Settings) -> Check:
    name = "Lambda concurrency"
    quota = stack.client("service-quotas").get_service_quota(
        ServiceCode=SERVICE_CODE, QuotaCode=QUOTA_CODE
    )["Quota"]["Value"]
    try:
        with_account_concurrency(settings, lambda: quota)
    except SettingsError as error:
        return Check(name, False, f"quota {quota:g}", str(error))
    return Check(name, True, f"quota {quota:g}")


def _profile(stack: Stack, settings: Settings) -> Check:
    name, model = "inference profile", settings.bedrock_model
    if not _GEOGRAPHY.match(model) and not model.startswith("arn:"):
        return Check(name, True, f"none needed: {model} is a model")
    fix = (
        "choose one of `aws bedrock list-inference-profiles --region"
        f" {settings.region}`: pulumi config set --stack {settings.environment}"
        " goal-mandala:bedrockModel PROFILE"
    )
    try:
        profile = stack.client("bedrock").get_inference_profile(inferenceProfileIdentifier=model)
    except ClientError as error:
        if is_missing(error):
            return Check(name, False, f"{model} does not exist in {settings.region}", fix)
        raise
    active = profile["status"] == "ACTIVE"
    return Check(name, active, f"{model} {profile['status']}", "" if active else fix)


def _model(stack: Stack, settings: Settings) -> Check:
    source = settings.bedrock_profile_source or settings.bedrock_model
    model = _GEOGRAPHY.sub("", source)
    held: dict[str, Any] = stack.client("bedrock").get_foundation_model_availability(modelId=model)
    lacking = [
        f"{part} {value}"
        for part, value, good in (
            ("authorization", held["authorizationStatus"], "AUTHORIZED"),
            ("entitlement", held["entitlementAvailability"], "AVAILABLE"),
            ("agreement", held["agreementAvailability"]["status"], "AVAILABLE"),
        )
        if value != good
    ]
    fix = f"Bedrock console, {settings.region}, Model access: request {model}"
    found = ", ".join(lacking) or "granted"
    return Check("model access", not lacking, f"{model}: {found}", fix if lacking else "")


def _permissions(stack: Stack, _settings: Settings) -> Check:
    name, fix = "permissions to deploy", "use a profile whose role deploys (deployment/README.md)"
    caller: str = stack.client("sts").get_caller_identity()["Arn"]
    if caller.endswith(":root"):
        return Check(name, True, "root may do anything, and should not deploy")
    denied = sorted(set(_denied(stack, _policy_source(stack, caller))))
    if not denied:
        return Check(name, True, f"{caller} may do all that a deployment needs")
    more = f" and {len(denied) - _SHOWN} more" if len(denied) > _SHOWN else ""
    return Check(name, False, f"{caller} may not {', '.join(denied[:_SHOWN])}{more}", fix)


def _denied(stack: Stack, source: str) -> Iterator[str]:
    """The actions of CI's deployment role that IAM's simulator denies to the caller."""
    pages = stack.client("iam").get_paginator("simulate_principal_policy")
    for statement in deploy(stack.names):
        resources = [_concrete(each) for each in statement["Resource"]]
        answers = pages.paginate(
            PolicySourceArn=source,
            ActionNames=list(statement["Action"]),
            ResourceArns=resources,
            ContextEntries=_context(statement.get("Condition", {})),
        )
        for result in (each for page in answers for each in page["EvaluationResults"]):
            if result["EvalDecision"] != "allowed":
                yield result["EvalActionName"]


def _policy_source(stack: Stack, caller: str) -> str:
    """The role behind a session: the simulator takes roles, and a session's ARN lacks the path."""
    if session := _ASSUMED.fullmatch(caller):
        return stack.client("iam").get_role(RoleName=session[2])["Role"]["Arn"]
    return caller


def _concrete(pattern: str) -> str:
    """An ARN that a pattern covers; `*` alone stays."""
    return pattern if pattern == "*" else pattern.replace("??????", "abc123").replace("*", "x")


def _context(condition: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """The condition's own values, as the request would carry them."""
    return [
        {
            "ContextKeyName": key,
            "ContextKeyValues": [value] if isinstance(value, str) else [*value],
            "ContextKeyType": "string" if isinstance(value, str) else "stringList",
        }
        for operator, keys in condition.items()
        if operator.endswith(("StringEquals", "StringLike"))
        for key, value in keys.items()
    ]

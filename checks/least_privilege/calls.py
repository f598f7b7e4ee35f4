"""Calls that the embedded cloud recorded, and the same calls with another stack's names."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from checks.least_privilege.stack import DeclaredStack
from components.iam.grants import PROFILE_REGIONS
from policies.stack import resource_types

Context = tuple[tuple[str, tuple[str, ...]], ...]
"""Condition keys with their values."""

ALARM_IN_RULE = re.compile(r"ALARM\(\"?([^)\"]+)\"?\)")
"""The name of an alarm in a composite alarm's rule."""

FREE = "sts:GetCallerIdentity"
"""What AWS allows without a grant (STS API Reference: GetCallerIdentity)."""

_OF_TAG = "aws:ResourceTag/Environment"
_DESCRIBE = "cloudwatch:DescribeAlarms"
_KEY_ID = re.compile(r"arn:aws:kms:[^:]+:\d+:key/[0-9a-f-]+")
_API_ID = re.compile(r"(:execute-api:[^:]+:\d+:)([^/]+)/")


@dataclass(frozen=True)
class Call:
    """One call.

    principal: a role's name, or a service such as events.amazonaws.com.
    source: the guide that documents a call of an AWS service; empty for a recorded call.
    """

    principal: str
    action: str
    resource: str
    context: Context = ()
    source: str = ""

    @property
    def service(self) -> str:
        """IAM's prefix of the called service."""
        return self.action.partition(":")[0]


@dataclass(frozen=True)
class Recording:
    """The calls that a cloud recorded, by whether it allowed them."""

    allowed: tuple[Call, ...]
    refused: tuple[Call, ...]


def read(path: Path) -> Recording:
    """Read what the emulator wrote (`localcloud.aws.permissions.recording`)."""
    lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    allowed = [each["allowed"] for each in lines]
    calls = [
        Call(each["principal"], each["action"], each["resource"], context(each["context"]))
        for each in lines
    ]
    return Recording(
        tuple(call for call, passed in zip(calls, allowed, strict=True) if passed),
        tuple(call for call, passed in zip(calls, allowed, strict=True) if not passed),
    )


def context(values: Mapping[str, str | Iterable[str]]) -> Context:
    """Condition keys and their values, for a Call."""
    return tuple(
        (key, (value,) if isinstance(value, str) else tuple(value)) for key, value in values.items()
    )


def calls_in_stack(stack: DeclaredStack, calls: Iterable[Call], recorded_in: str) -> list[Call]:
    """The calls that were recorded in one environment, as this stack would make them.

    Names get the stack's environment, the called model and the key are the stack's, and the alarms
    described by name are the children of the stack's composite alarms.
    """
    api_id, model = _api_id(stack), _model(stack)
    (key,) = map(stack.key_arn, stack.of(resource_types.KEY))
    calls = [call for call in calls if call.action != FREE]
    of_alarms = [call for call in calls if call.action == _DESCRIBE and call.resource != "*"]
    if of_alarms:
        others = [call for call in calls if call not in of_alarms]
        calls = others + [
            Call(who, _DESCRIBE, child)
            for who in sorted({call.principal for call in of_alarms})
            for child in _children(stack)
        ]

    def translated(text: str) -> str:
        text = re.sub(rf"-{recorded_in}\b", f"-{stack.environment}", text)
        text = _KEY_ID.sub(key, text)
        return _API_ID.sub(rf"\g<1>{api_id}/", text)

    return [
        Call(
            translated(call.principal),
            call.action,
            translated(resource),
            tuple(
                (key, (stack.environment,) if key == _OF_TAG else tuple(map(translated, values)))
                for key, values in call.context
            ),
            call.source,
        )
        for call in calls
        if (resource := _on_model(call, model) if call.service == "bedrock" else call.resource)
    ]


def _children(stack: DeclaredStack) -> list[str]:
    """ARNs of the metric alarms in the rules of composite alarms."""
    rules: list[str] = [
        each.props["alarmRule"] for each in stack.of(resource_types.COMPOSITE_ALARM)
    ]
    named = {name for rule in rules for name in ALARM_IN_RULE.findall(rule)}
    alarms = (stack.named(resource_types.ALARM, name) for name in sorted(named))
    return [str(stack.arn(alarm)) for alarm in alarms if alarm]


def _api_id(stack: DeclaredStack) -> str:
    sources = (each.props.get("sourceArn", "") for each in stack.of(resource_types.PERMISSION))
    return next(found[2] for found in map(_API_ID.search, sources) if found)


def _model(stack: DeclaredStack) -> str:
    variables = (
        each.props["environment"]["variables"] for each in stack.of(resource_types.FUNCTION)
    )
    return next(each["BEDROCK_MODEL"] for each in variables if "BEDROCK_MODEL" in each)


def _on_model(call: Call, model: str) -> str | None:
    """The resource if the call were of this model; None if it would not call such a resource."""
    kind = call.resource.partition("/")[0]
    geography, _, profiled = model.partition(".")
    if geography not in PROFILE_REGIONS:
        return f"{kind}/{model}" if kind.endswith(":foundation-model") else None
    return f"{kind}/{profiled if kind.endswith(':foundation-model') else model}"

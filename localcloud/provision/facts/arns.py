"""ARNs of a resource and of what it names, from its properties."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from localcloud.provision.facts.model import TypeFacts
from localcloud.provision.facts.values import UNKNOWN, Properties, at

_UNQUALIFIED_PARTS = 7
_ANY = "*"


@dataclass(frozen=True)
class DeploymentScope:
    """Where the calls are made, and the tags that the provider gives to all it creates."""

    account: str
    region: str
    tags: Mapping[str, str] = field(default_factory=dict[str, str])


def filled(form: str, facts: TypeFacts, inputs: Properties, scope: DeploymentScope) -> str:
    """An ARN's form with a value for each `{name}`; `*` for what is not known.

    A name is `account`, `region`, `own` (the type's own ARN), one of `_DERIVED`, or a property.
    """
    place = f"{scope.region}:{scope.account}"

    def value(found: re.Match[str]) -> str:
        name = found[1]
        if name == "own":
            return filled(facts.arn, facts, inputs, scope)
        if name in ("account", "region"):
            return getattr(scope, name)
        if name in _DERIVED:
            return _DERIVED[name](inputs, place)
        return _text(inputs, name)

    return re.sub(r"\{([\w.]+)\}", value, form)


def _text(inputs: Properties, path: str) -> str:
    value = at(inputs, path)
    return _ANY if value is None or value is UNKNOWN else str(value)


def _function(inputs: Properties, place: str) -> str:
    given = "functionName" if "functionName" in inputs else "function"
    name = _text(inputs, given)
    if name.startswith("arn:"):
        return ":".join(name.split(":")[:_UNQUALIFIED_PARTS])
    return f"arn:aws:lambda:{place}:function:{name}"


def _qualified_function(inputs: Properties, place: str) -> str:
    qualifier = f":{_text(inputs, 'qualifier')}" if inputs.get("qualifier") else ""
    return _function(inputs, place) + qualifier


def _machine(inputs: Properties, place: str) -> str:
    routes: list[Properties] = inputs.get("routingConfigurations") or []
    version = _text(routes[0], "stateMachineVersionArn") if routes else _ANY
    return version.rpartition(":")[0] or f"arn:aws:states:{place}:stateMachine:*"


def _queue(inputs: Properties, place: str) -> str:
    return f"arn:aws:sqs:{place}:{_text(inputs, 'queueUrl').rpartition('/')[2]}"


def _secret(inputs: Properties, place: str) -> str:
    secret = _text(inputs, "secretId")
    return secret if secret.startswith("arn:") else f"arn:aws:secretsmanager:{place}:secret:*"


def _target_key(inputs: Properties, place: str) -> str:
    key = _text(inputs, "targetKeyId")
    return key if key.startswith("arn:") else f"arn:aws:kms:{place}:key/{key}"


def _url(inputs: Properties, _place: str) -> str:
    return _text(inputs, "url").removeprefix("https://")


_DERIVED = {
    "functionArn": _function,
    "machineArn": _machine,
    "qualifiedFunctionArn": _qualified_function,
    "queueArn": _queue,
    "secret": _secret,
    "targetKey": _target_key,
    "url": _url,
}

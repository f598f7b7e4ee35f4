"""What a deployed stack has to hold, from the program that this checkout declares.

Not from the stack's exports or Pulumi's state: those say what the last deployment made, so they
agree with AWS also where that deployment was of another commit, and they need a login to Pulumi.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from components.names import Names
from declared.program import Program
from ops.verify import copies, facts
from ops.verify.facts import Facts

NEWEST = "the newest"

_Add = Callable[[Facts, dict[str, Any], "_Given"], None]


class _Given:
    """What the expectations need beyond a resource's inputs."""

    def __init__(self, names: Names, packages: Path | None, pins: Mapping[str, int]) -> None:
        self.names = names
        self.packages = packages
        self.pins = pins


def expected(
    program: Program, names: Names, packages: Path | None = None, pins: Mapping[str, int] = {}
) -> Facts:
    """The facts of every resource that an operator checks.

    packages: folder of the packages as deployed, if they are not those that the program builds.
    pins: function name or `state-machine` -> the version that a rollback has fixed.
    """
    given = _Given(names, packages, pins)
    found: Facts = {facts.api(names.api): {"GET /health": "200"}}
    for resource in program.resources:
        if add := _BY_TYPE.get(resource.type):
            add(found, resource.inputs, given)
        if add_copy := copies.BY_TYPE.get(resource.type):
            add_copy(found, resource.inputs, names)
    return found


def digest(definition: str) -> str:
    """A definition's hash: SHA-256 of the JSON, whatever its layout."""
    canonical = json.dumps(json.loads(definition), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]


def key_schema(hash_key: str, range_key: str | None) -> str:
    """A key in words."""
    return f"{hash_key} HASH, {range_key} RANGE" if range_key else f"{hash_key} HASH"


def _function(found: Facts, inputs: dict[str, Any], given: _Given) -> None:
    name: str = inputs["name"]
    pin = given.pins.get(name.removeprefix(f"{given.names.prefix}-"))
    checks = {
        "live version": str(pin) if pin else NEWEST,
        "other versions behind live": "none",
        "state": "Active, Successful",
        "key": given.names.key_alias,
        "tracing": inputs["tracingConfig"]["mode"],
    }
    if not pin:  # what an older version holds, this program does not say
        checks["time-out"] = f"{int(inputs['timeout'])} s"
        checks["memory"] = f"{int(inputs['memorySize'])} MB"
        built = Path(inputs["code"].path)
        package = given.packages / built.name if given.packages else built
        sha256 = hashlib.sha256(package.read_bytes()).digest()
        checks["CodeSha256"] = base64.b64encode(sha256).decode()
    found[facts.function(name)] = checks


def _warm(found: Facts, inputs: dict[str, Any], _given: _Given) -> None:
    ready = f"{int(inputs['provisionedConcurrentExecutions'])} READY"
    found[facts.function(inputs["functionName"])]["provisioned concurrency"] = ready


def _machine(found: Facts, inputs: dict[str, Any], given: _Given) -> None:
    pin = given.pins.get("state-machine")
    checks = {
        "status": "ACTIVE",
        "live version": str(pin) if pin else NEWEST,
        "other versions behind live": "none",
        "log level": inputs["loggingConfiguration"]["level"],
    }
    if not pin:
        checks["definition"] = digest(inputs["definition"])
    found[facts.machine(inputs["name"])] = checks


def _table(found: Facts, inputs: dict[str, Any], given: _Given) -> None:
    checks = {
        "status": "ACTIVE",
        "key schema": key_schema(inputs["hashKey"], inputs.get("rangeKey")),
        "billing": inputs["billingMode"],
        "TTL": inputs["ttl"]["attributeName"],
        "point-in-time recovery": "ENABLED",
        "key": given.names.key_alias,
        "deletion protection": "on" if inputs.get("deletionProtectionEnabled") else "off",
    }
    for index in inputs["globalSecondaryIndexes"]:
        keys = ", ".join(f"{key['attributeName']} {key['keyType']}" for key in index["keySchemas"])
        checks[f"index {index['name']}"] = f"{keys}, {index['projectionType']}, ACTIVE"
    found[facts.table(inputs["name"])] = checks


def _log_group(found: Facts, inputs: dict[str, Any], given: _Given) -> None:
    found[facts.log_group(inputs["name"])] = {
        "key": given.names.key_alias,
        "retention": f"{int(inputs['retentionInDays'])} days",
    }


def _metric_alarm(found: Facts, inputs: dict[str, Any], _given: _Given) -> None:
    found[facts.alarm(inputs["name"])] = {
        "kind": "metric alarm",
        "threshold": f"{inputs['comparisonOperator']} {float(inputs['threshold']):g}",
    }


def _composite(found: Facts, inputs: dict[str, Any], _given: _Given) -> None:
    found[facts.alarm(inputs["alarmName"])] = {
        "kind": "composite alarm",
        "actions": "on",
        "alarm actions": ", ".join(sorted(inputs["alarmActions"])),
        "rule": hashlib.sha256(inputs["alarmRule"].encode()).hexdigest()[:16],
    }


def _topic(found: Facts, inputs: dict[str, Any], given: _Given) -> None:
    found.setdefault(facts.topic(inputs["name"]), {})["key"] = given.names.key_alias


def _subscription(found: Facts, inputs: dict[str, Any], _given: _Given) -> None:
    check = f"subscription {inputs['protocol']} {inputs['endpoint']}"
    found.setdefault(facts.topic(inputs["topic"]), {})[check] = "confirmed"


def _rule(found: Facts, inputs: dict[str, Any], _given: _Given) -> None:
    found.setdefault(facts.rule(inputs["name"]), {})["state"] = "ENABLED"


def _target(found: Facts, inputs: dict[str, Any], _given: _Given) -> None:
    found.setdefault(facts.rule(inputs["rule"]), {})["target"] = inputs["arn"]


def _mapping(found: Facts, inputs: dict[str, Any], _given: _Given) -> None:
    name = inputs["functionName"].split(":")[6]
    found[facts.queue_reader(name)] = {"state": "Enabled", "queue": inputs["eventSourceArn"]}


def _key(found: Facts, inputs: dict[str, Any], given: _Given) -> None:
    rotation = "on" if inputs.get("enableKeyRotation") else "off"
    found[facts.key(given.names.key_alias)] = {"state": "Enabled", "rotation": rotation}


_BY_TYPE: dict[str, _Add] = {
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": _composite,
    "aws:cloudwatch/eventRule:EventRule": _rule,
    "aws:cloudwatch/eventTarget:EventTarget": _target,
    "aws:cloudwatch/logGroup:LogGroup": _log_group,
    "aws:cloudwatch/metricAlarm:MetricAlarm": _metric_alarm,
    "aws:dynamodb/table:Table": _table,
    "aws:kms/key:Key": _key,
    "aws:lambda/eventSourceMapping:EventSourceMapping": _mapping,
    "aws:lambda/function:Function": _function,
    "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig": _warm,
    "aws:sfn/stateMachine:StateMachine": _machine,
    "aws:sns/topic:Topic": _topic,
    "aws:sns/topicSubscription:TopicSubscription": _subscription,
}

"""A resource's inputs as AWS's provider completes and judges them, before any call."""

import json
from collections.abc import Mapping
from typing import Any, cast

from google.protobuf import struct_pb2
from pulumi.runtime import rpc

from localcloud.provision.facts import (
    DEFAULTS,
    UNKNOWN,
    Failure,
    TypeFacts,
    auto_name,
    check,
)
from localcloud.provision.wire import plain, secrets


def default_tags(configured: Mapping[str, Any]) -> dict[str, str]:
    """The tags that the provider gives to all it creates; its settings are texts of JSON."""
    setting: Any = configured.get("defaultTags") or {}
    return (json.loads(setting) if isinstance(setting, str) else setting).get("tags") or {}


def completed(
    facts: TypeFacts, request: Any, tags: Mapping[str, str]
) -> tuple[struct_pb2.Struct, list[str]]:
    """The inputs of a CheckRequest with what the provider fills in, and why they are refused.

    That is the name that the program does not give, a note that it is not the program's, and
    `tagsAll`, its tags and the provider's.
    """
    inputs = struct_pb2.Struct()
    inputs.CopyFrom(request.news)
    failures = _give_name(facts, request, inputs)
    hidden = secrets(inputs)
    if facts.tagged and "tags" not in hidden:
        own = plain(inputs).get("tags")
        every = {**tags, **cast("Mapping[str, Any]", own or {})} if own is not UNKNOWN else {}
        inputs.update({"tagsAll": rpc.UNKNOWN if own is UNKNOWN else _wired(every)})
    failures += check(facts, plain(inputs))
    return inputs, [_reason(each, request.name, hidden) for each in failures]


def _give_name(facts: TypeFacts, request: Any, inputs: struct_pb2.Struct) -> list[Failure]:
    if facts.auto_named is None:
        return []
    seed, earlier = request.randomSeed, plain(request.olds)
    name = auto_name(facts.auto_named, request.name, plain(inputs), seed, earlier=earlier)
    if isinstance(name, Failure):
        return [name]
    made_up = {} if name is None else {facts.auto_named.property: name}
    inputs.update({**made_up, DEFAULTS: list(made_up)})
    return []


def _wired(tags: Mapping[str, Any]) -> dict[str, Any]:
    return {name: rpc.UNKNOWN if text is UNKNOWN else text for name, text in tags.items()}


def _reason(failure: Failure, resource: str, hidden: frozenset[str]) -> str:
    """The provider's words, and where to look: the way of pulumi-terraform-bridge."""
    top = failure.where.partition(".")[0].partition("[")[0]
    return f"{failure.text(hidden=top in hidden)}. Examine values at '{resource}.{failure.where}'."

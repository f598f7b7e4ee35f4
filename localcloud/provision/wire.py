"""Pulumi's wire format: properties as the engine sends them, and as plain values."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from google.protobuf import struct_pb2
from pulumi.runtime import rpc

from localcloud.provision.facts import UNKNOWN

_SIGNATURE: Any = rpc._special_sig_key  # pyright: ignore[reportPrivateUsage]
_ARCHIVE: Any = rpc._special_archive_sig  # pyright: ignore[reportPrivateUsage]
_SECRET: Any = rpc._special_secret_sig  # pyright: ignore[reportPrivateUsage]
_HASH = "hash"
_NOT_KNOWN = struct_pb2.Value(string_value=rpc.UNKNOWN)


def plain(properties: struct_pb2.Struct) -> dict[str, Any]:
    """The values as the facts take them: secrets bare, an archive as its hash."""
    return {name: _plain(value) for name, value in properties.fields.items()}


def secrets(properties: struct_pb2.Struct) -> frozenset[str]:
    """The names of what is a secret or holds one."""
    return frozenset(name for name, value in properties.fields.items() if _is_secret(value))


def as_remembered(
    old: struct_pb2.Struct, new: struct_pb2.Struct | None = None
) -> struct_pb2.Struct:
    """Inputs from the state, which keeps of an archive its hash alone; so one is new, or gone."""
    state = struct_pb2.Struct()
    state.CopyFrom(old)
    for name in [name for name, value in old.fields.items() if _is_archive(value)]:
        same = new is not None and name in new.fields
        if new is not None and same and _plain(old.fields[name]) == _plain(new.fields[name]):
            state.fields[name].CopyFrom(new.fields[name])
        else:
            del state.fields[name]
    return state


def state_of(
    inputs: struct_pb2.Struct,
    unknown: Iterable[str] = (),
    outputs: Mapping[str, Any] | None = None,
) -> struct_pb2.Struct:
    """The inputs as they came, secrets included, and beside them outputs, or that they will be."""
    state = struct_pb2.Struct()
    state.CopyFrom(inputs)
    for name in unknown:
        if name not in state.fields:
            state.fields[name].CopyFrom(_NOT_KNOWN)
    if outputs:
        state.MergeFrom(struct(outputs))
    return state


def struct(values: Mapping[str, Any]) -> struct_pb2.Struct:
    """Plain values for the engine."""
    return asyncio.run(rpc.serialize_properties(dict(values), {}))


def _plain(value: struct_pb2.Value) -> Any:
    match value.WhichOneof("kind"):
        case "struct_value":
            return _plain_struct(value.struct_value)
        case "list_value":
            return [_plain(each) for each in value.list_value.values]
        case "string_value":
            return UNKNOWN if value.string_value == rpc.UNKNOWN else value.string_value
        case "number_value":
            return value.number_value
        case "bool_value":
            return value.bool_value
        case _:
            return None


def _plain_struct(value: struct_pb2.Struct) -> Any:
    match _signature(value):
        case None:
            return {name: _plain(each) for name, each in value.fields.items()}
        case signature if signature == _SECRET:
            return _plain(value.fields["value"])
        case _:
            return value.fields[_HASH].string_value


def _signature(value: struct_pb2.Struct) -> str | None:
    return value.fields[_SIGNATURE].string_value if _SIGNATURE in value.fields else None


def _is_archive(value: struct_pb2.Value) -> bool:
    return _signature(value.struct_value) == _ARCHIVE


def _is_secret(value: struct_pb2.Value) -> bool:
    return (
        _signature(value.struct_value) == _SECRET
        or any(map(_is_secret, value.struct_value.fields.values()))
        or any(map(_is_secret, value.list_value.values))
    )

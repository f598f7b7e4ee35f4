"""The items of a table in DynamoDB's own form, and as lines of JSON."""

import base64
import json
from collections.abc import Iterable, Iterator
from typing import Any, cast

Item = dict[str, Any]
"""Attribute -> value with its type, as boto3's client has it: `{"pk": {"S": "..."}}`."""

Key = tuple[str, str]
"""pk and sk."""

_BATCH = 25
"""DynamoDB takes no more in one BatchWriteItem."""


def key_of(item: Item) -> Key:
    """The item's key."""
    return item["pk"]["S"], item["sk"]["S"]


def key_text(key: Key) -> str:
    """A key for a person: it holds ids, never a user's words."""
    return " ".join(key)


def line(item: Item) -> str:
    """An item as one line; equal items have equal lines."""
    return json.dumps(_sorted(item), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def item_of(text: str) -> Item:
    """The item in a line. Raises ValueError."""
    return json.loads(text, object_hook=_with_bytes)


def scan(client: Any, table: str) -> Iterator[Item]:
    """All items by consistent reads. Other writes may come in between: it is no snapshot."""
    pages = client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    for page in pages:
        yield from page["Items"]


def read_table(client: Any, table: str) -> dict[Key, Item]:
    """All items by key, in memory: about 1 GB for a million of them."""
    return {key_of(item): item for item in scan(client, table)}


def fill(client: Any, table: str, items: Iterable[Item]) -> None:
    """Write the items into a table of one's own, over what is there."""
    waiting = [{"PutRequest": {"Item": item}} for item in items]
    while waiting:
        asked, waiting = waiting[:_BATCH], waiting[_BATCH:]
        reply = client.batch_write_item(RequestItems={table: asked})
        waiting += reply.get("UnprocessedItems", {}).get(table, [])


def _sorted(value: Any) -> Any:
    """Sets have no order in DynamoDB; bytes become base64."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, list):
        return [_sorted(each) for each in cast("list[Any]", value)]
    if not isinstance(value, dict):
        return value
    held = cast("dict[str, Any]", value)
    return {
        name: sorted(map(_sorted, cast("list[Any]", each)))
        if name in ("SS", "NS", "BS") and isinstance(each, list)
        else _sorted(each)
        for name, each in held.items()
    }


def _with_bytes(value: dict[str, Any]) -> dict[str, Any]:
    if isinstance(value.get("B"), str):
        return {"B": base64.b64decode(value["B"])}
    if isinstance(value.get("BS"), list):
        return {"BS": [base64.b64decode(each) for each in cast("list[str]", value["BS"])]}
    return value

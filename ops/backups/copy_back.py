"""Write saved items back into the live table, each under a condition that protects it."""

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from handlers.contract.clock import timestamp, utc_now
from ops.backups.difference import Difference, mended
from ops.backups.ending import as_ended
from ops.backups.items import Item, Key, key_text
from ops.stack import Stack

_AT_ONCE = 8


@dataclass(frozen=True)
class Copied:
    """Keys. refused: the live item changed after the comparison, so it stays as it is."""

    written: list[str]
    refused: list[str]


def copy_back(
    stack: Stack, saved: Mapping[Key, Item], live: Mapping[Key, Item], difference: Difference
) -> Copied:
    """Write what is missing or damaged; a second time it has nothing to do."""
    texts = {*difference.missing, *difference.damaged}
    keys = [key for key in saved if key_text(key) in texts]
    mends = {key: mended(saved[key], live[key]) for key in keys if key in live}
    will_be = {**saved, **live, **mends}
    by_execution = _by_execution(will_be, {pk for pk, _ in keys})
    now = timestamp(utc_now())

    def put(key: Key) -> bool:
        item = as_ended(key, by_execution[key[0]], now)
        return _put(stack, item, live.get(key))

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        done = dict(zip(keys, pool.map(put, keys), strict=True))
    return Copied(
        [key_text(key) for key, is_written in done.items() if is_written],
        [key_text(key) for key, is_written in done.items() if not is_written],
    )


def unchanged(live: Item | None, saved: Item) -> dict[str, Any]:
    """A write's condition: the item is still as it was compared."""
    if live is None:
        return {"ConditionExpression": "attribute_not_exists(pk)"}
    names = {f"#{index}": name for index, name in enumerate(sorted(live.keys() | saved.keys()))}
    conditions = [
        f"{short} = :{short[1:]}" if name in live else f"attribute_not_exists({short})"
        for short, name in names.items()
    ]
    return {
        "ConditionExpression": " AND ".join(conditions),
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": {
            f":{short[1:]}": live[name] for short, name in names.items() if name in live
        },
    }


def _put(stack: Stack, item: Item, live: Item | None) -> bool:
    try:
        stack.client("dynamodb").put_item(
            TableName=stack.names.table, Item=item, **unchanged(live, item)
        )
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "ConditionalCheckFailedException":
            raise
        return False
    return True


def _by_execution(
    items: Mapping[Key, Item], executions: Iterable[str]
) -> dict[str, dict[Key, Item]]:
    found: dict[str, dict[Key, Item]] = {each: {} for each in executions}
    for key, item in _of(items, found):
        found[key[0]][key] = item
    return found


def _of(items: Mapping[Key, Item], executions: Mapping[str, Any]) -> Iterator[tuple[Key, Item]]:
    return ((key, item) for key, item in items.items() if key[0] in executions)

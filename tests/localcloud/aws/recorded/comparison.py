"""Where a history differs from what AWS recorded: events, names, payloads, causes, links."""

import json
import re
from collections.abc import Iterator
from typing import Any, cast

from tests.localcloud.aws.recorded.definitions import Json, details

_MASK = re.compile(r"<[^<>]+>|111111111111|activity_arn")
_MASKED_WHOLE = re.compile(
    r"date|timestamp|(start|entered)-time|map_run_arn|snf_role_arn|activity_arn|\w+EventDetails\.\w+"
)
_SORTED_AWAY = re.compile("(Parallel|Map)State(Succeeded|Exited)|MapIterationSucceeded")
"""Events that the recorder loses while it sorts those of branches."""

_REDRIVE_SINCE = 2023_11
_LINKED_TO_RUN_SINCE = 2024_11


def differences(recording: Json, ours: list[Json]) -> list[str]:
    """What differs, an entry each; empty if nothing does."""
    recorded: list[Json] = recording["history"]
    day, month, year = (int(part) for part in re.findall(r"\d+", recording["recorded"])[:3])
    del day
    since = year * 100 + month
    if any(isinstance(event["id"], list) for event in recorded):
        return list(_unordered(recorded, ours))
    types = [event["type"] for event in recorded], [event["type"] for event in ours]
    if types[0] != types[1]:
        return [f"events: {_first_difference(*types)}"]
    found: list[str] = []
    for theirs, mine in zip(recorded, ours, strict=True):
        where = f"{theirs['id']} {theirs['type']}"
        found += _detail_differences(theirs, mine, where, since)
        moved = theirs["type"] == "MapStateExited" and since < _LINKED_TO_RUN_SINCE
        if theirs["previousEventId"] != mine["previousEventId"] and not moved:
            found.append(
                f"{where}: follows {mine['previousEventId']}, not {theirs['previousEventId']}"
            )
    return found


def same(recorded: Any, ours: Any) -> bool:
    """Whether a value is the one recorded, where its masks stand for any text."""
    theirs, mine = _parsed(recorded), _parsed(ours)
    kind = cast("Any", type(theirs))
    if kind is str and _MASKED_WHOLE.fullmatch(theirs):
        return mine is not None
    if kind is not type(mine):
        return False
    if kind is str:
        pieces = [re.escape(piece) for piece in _MASK.split(theirs)]
        return re.fullmatch("(?:.|\n)*?".join(pieces), mine) is not None
    if kind is dict:
        return theirs.keys() == mine.keys() and all(same(theirs[key], mine[key]) for key in theirs)
    if kind is list:
        return len(theirs) == len(mine) and all(map(same, theirs, mine))
    return theirs == mine


def _detail_differences(theirs: Json, mine: Json, where: str, since: int) -> Iterator[str]:
    recorded, ours = details(theirs), details(mine)
    if since < _REDRIVE_SINCE:
        ours = _without_redrive(ours)
    for name in sorted(recorded.keys() | ours.keys()):
        if not same(recorded.get(name), ours.get(name)):
            yield f"{where}: {name} is {ours.get(name)!r}, not {recorded.get(name)!r}"


def _unordered(recorded: list[Json], ours: list[Json]) -> Iterator[str]:
    """Where ids are masked, the recorder sorted the events of branches: the order is not known."""
    left = list(ours)
    for theirs in recorded:
        match = next(
            (
                mine
                for mine in left
                if mine["type"] == theirs["type"]
                and (isinstance(theirs["id"], list) or theirs["id"] == mine["id"])
                and not list(_detail_differences(theirs, mine, "", 2024_11))
            ),
            None,
        )
        if match is None:
            yield f"{theirs['id']} {theirs['type']}: no such event"
        else:
            left.remove(match)
    for mine in left:
        if not _SORTED_AWAY.fullmatch(mine["type"]):
            yield f"{mine['id']} {mine['type']}: not recorded"


def _first_difference(recorded: list[str], ours: list[str]) -> str:
    together = zip([*recorded, ""], [*ours, ""], strict=False)
    number, (theirs, mine) = next(
        (number, pair) for number, pair in enumerate(together, 1) if pair[0] != pair[1]
    )
    return f"number {number} is {mine or 'missing'}, not {theirs or 'recorded'}"


def _parsed(value: Any) -> Any:
    """A text that is a JSON object or list as what it is: the recorder rewrites such texts."""
    if not isinstance(value, str) or value[:1] not in "{[":
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _without_redrive(value: Any) -> Any:
    value = _parsed(value)
    if isinstance(value, dict):
        fields = cast("Json", value)
        return {
            key: _without_redrive(inner) for key, inner in fields.items() if key != "RedriveCount"
        }
    if isinstance(value, list):
        return [_without_redrive(inner) for inner in cast("list[Any]", value)]
    return value

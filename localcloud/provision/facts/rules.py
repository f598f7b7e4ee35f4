"""Checks of the provider's that take more than one property; a type's facts name them."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, cast

from localcloud.provision.facts.values import Properties, is_known

Problems = Iterator[tuple[str, str]]
"""Property and problem."""

_MOST_KEYS = 4
"""Of one kind, in an index."""


class Rule(NamedTuple):
    """A check of some properties; while one of them is not known, there is nothing to check."""

    of: tuple[str, ...]
    check: Callable[[Properties], Problems]


def rule_problems(name: str, given: Properties) -> Problems:
    """What a type's rule finds wrong with its inputs."""
    rule = RULES[name]
    if all(is_known(given.get(each)) for each in rule.of):
        yield from rule.check(given)


def _zip_function(given: Properties) -> Problems:
    """A function's package that is a zip needs a handler and a runtime."""
    zipped = given.get("packageType", "Zip") == "Zip"
    if zipped and not ("handler" in given and "runtime" in given):
        yield "handler", "handler and runtime must be set when PackageType is Zip"


def _indexed_attributes(given: Properties) -> Problems:
    """A table's attributes are the keys of table and indexes, all of them and no others."""
    indexes = _blocks(given, "globalSecondaryIndexes")
    keyed = [*indexes, *_blocks(given, "localSecondaryIndexes"), given]
    parts = [each for index in indexes for each in _blocks(index, "keySchemas")]
    keys = _texts(keyed, "hashKey") | _texts(keyed, "rangeKey") | _texts(parts, "attributeName")
    attributes = _texts(_blocks(given, "attributes"), "name")
    if unused := sorted(attributes - keys):
        yield "attributes", f"all attributes must be indexed. Unused attributes: {unused}"
    if unmatched := sorted(keys - attributes):
        text = f"all indexes must match a defined attribute. Unmatched indexes: {unmatched}"
        yield "attributes", text


def _index_keys(given: Properties) -> Problems:
    """An index has its keys by `keySchemas` or by `hashKey`; in `keySchemas` HASH comes first."""
    for number, index in enumerate(_blocks(given, "globalSecondaryIndexes")):
        where = f"globalSecondaryIndexes[{number}]"
        kinds = [str(each.get("keyType")) for each in _blocks(index, "keySchemas")]
        if bool(kinds) == ("hashKey" in index):
            yield where, f"{where}: exactly one of keySchemas, hashKey must be specified"
        if kinds and "rangeKey" in index:
            yield f"{where}.rangeKey", f"{where}.rangeKey: conflicts with keySchemas"
        if kinds != sorted(kinds):
            yield where, f'{where}: all of keySchemas with keyType "HASH" must be before "RANGE"'
        if kinds and not 1 <= kinds.count("HASH") <= _MOST_KEYS:
            yield where, f'{where}: 1 to {_MOST_KEYS} of keySchemas must have keyType "HASH"'
        if kinds.count("RANGE") > _MOST_KEYS:
            yield where, f'{where}: at most {_MOST_KEYS} of keySchemas may have keyType "RANGE"'


def _throughput(given: Properties) -> Problems:
    """Capacity goes with provisioned billing, and only with that."""
    mode = given.get("billingMode")
    for name in ("readCapacity", "writeCapacity"):
        units = given.get(name)
        if mode == "PROVISIONED" and isinstance(units, float | int) and units < 1:
            yield name, f'{name} must be at least 1 when billingMode is "PROVISIONED", got {units}'
        if mode == "PAY_PER_REQUEST" and units:
            yield name, f'{name} conflicts with billingMode "PAY_PER_REQUEST", got {units}'


def _streams(given: Properties) -> Problems:
    """A stream that is on has a view, and one that is off has none."""
    if bool(given.get("streamEnabled")) != bool(given.get("streamViewType")):
        text = "streamViewType is required when streamEnabled is true, and only then"
        yield "streamViewType", text


def _time_to_live(given: Properties) -> Problems:
    """A time to live that is on names its attribute."""
    ttl = given.get("ttl")
    if not isinstance(ttl, Mapping):
        return
    block = cast("Properties", ttl)
    if block.get("enabled") is True and not block.get("attributeName"):
        yield "ttl.attributeName", "ttl.attributeName is required when ttl.enabled is true"


def _alarm(given: Properties) -> Problems:
    """An alarm on metrics says how it compares; one on a single metric has one statistic."""
    if "evaluationCriteria" in given:
        return
    for name in ("comparisonOperator", "evaluationPeriods"):
        if name not in given:
            yield name, f"{name} is required with metricName or metricQueries"
    if "metricName" in given and ("statistic" in given) == ("extendedStatistic" in given):
        yield "statistic", "exactly one of statistic, extendedStatistic goes with metricName"
    for number, query in enumerate(_blocks(given, "metricQueries")):
        if "expression" in query and "metric" in query:
            where = f"metricQueries[{number}]"
            yield where, f"{where}: only one of expression, metric can be specified"


def _blocks(given: Properties, name: str) -> list[Properties]:
    """The objects of a list."""
    value = given.get(name)
    items = cast("list[Any]", value) if isinstance(value, list) else []
    return [cast("Properties", each) for each in items if isinstance(each, Mapping)]


def _texts(blocks: list[Properties], name: str) -> set[str]:
    """What some objects say under a name."""
    return {value for each in blocks if isinstance(value := each.get(name), str)}


_INDEXES = ("globalSecondaryIndexes", "localSecondaryIndexes")
_KEYS = ("hashKey", "rangeKey", "attributes", *_INDEXES)

RULES = {
    "alarm": Rule(("evaluationCriteria", "metricName", "metricQueries"), _alarm),
    "index_keys": Rule(_INDEXES, _index_keys),
    "indexed_attributes": Rule(_KEYS, _indexed_attributes),
    "streams": Rule(("streamEnabled", "streamViewType"), _streams),
    "throughput": Rule(("billingMode", "readCapacity", "writeCapacity"), _throughput),
    "time_to_live": Rule(("ttl",), _time_to_live),
    "zip_function": Rule(("packageType",), _zip_function),
}

"""Checks of the provider's that take more than one property; a type's facts name them."""

from collections.abc import Callable, Iterator
from typing import Any

from localcloud.provision.facts.values import UNKNOWN, Properties

Problems = Iterator[tuple[str, str]]
"""Property and problem."""


def _is_known(*values: Any) -> bool:
    return UNKNOWN not in values


def _zip_function(given: Properties) -> Problems:
    """A function's package that is a zip needs a handler and a runtime."""
    zipped = given.get("packageType", "Zip") == "Zip"
    if zipped and not ("handler" in given and "runtime" in given):
        yield "handler", "handler and runtime must be set when PackageType is Zip"


def _indexed_attributes(given: Properties) -> Problems:
    """A table's attributes are the keys of table and indexes, all of them and no others."""
    keys: set[Any] = {given.get(key) for key in ("hashKey", "rangeKey")}
    for index in given.get("globalSecondaryIndexes", []):
        keys |= {index.get("hashKey"), index.get("rangeKey")}
        keys |= {each.get("attributeName") for each in index.get("keySchemas", [])}
    keys |= {index.get("rangeKey") for index in given.get("localSecondaryIndexes", [])}
    attributes = {each.get("name") for each in given.get("attributes", [])}
    if not _is_known(*keys, *attributes):
        return
    if unused := sorted(attributes - keys):
        yield "attributes", f"all attributes must be indexed. Unused attributes: {unused}"
    if unmatched := sorted(keys - attributes - {None}):
        text = f"all indexes must match a defined attribute. Unmatched indexes: {unmatched}"
        yield "attributes", text


def _index_keys(given: Properties) -> Problems:
    """An index has its keys by `keySchemas` or by `hashKey`; in `keySchemas` HASH comes first."""
    for number, index in enumerate(given.get("globalSecondaryIndexes", [])):
        where = f"globalSecondaryIndexes[{number}]"
        schemas = index.get("keySchemas", [])
        if bool(schemas) == ("hashKey" in index):
            yield where, f"{where}: exactly one of keySchemas, hashKey must be specified"
        if schemas and "rangeKey" in index:
            yield f"{where}.rangeKey", f"{where}.rangeKey: conflicts with keySchemas"
        kinds = [each.get("keyType") for each in schemas]
        if kinds and kinds != sorted(kinds):
            yield where, f'{where}: all of keySchemas with keyType "HASH" must be before "RANGE"'
        if kinds and not 1 <= kinds.count("HASH") <= 4:  # noqa: PLR2004 - AWS's limit
            yield where, f'{where}: 1 to 4 of keySchemas must have keyType "HASH"'
        if kinds.count("RANGE") > 4:  # noqa: PLR2004 - AWS's limit
            yield where, f'{where}: at most 4 of keySchemas may have keyType "RANGE"'


def _throughput(given: Properties) -> Problems:
    """Capacity goes with provisioned billing, and only with that."""
    mode = given.get("billingMode")
    for name in ("readCapacity", "writeCapacity"):
        units = given.get(name)
        if units is None or not _is_known(mode, units):
            continue
        if mode == "PROVISIONED" and units < 1:
            yield name, f'{name} must be at least 1 when billingMode is "PROVISIONED", got {units}'
        if mode == "PAY_PER_REQUEST" and units:
            yield name, f'{name} conflicts with billingMode "PAY_PER_REQUEST", got {units}'


def _streams(given: Properties) -> Problems:
    """A stream that is on has a view, and one that is off has none."""
    enabled, view = given.get("streamEnabled"), given.get("streamViewType")
    if _is_known(enabled, view) and bool(enabled) != bool(view):
        yield (
            "streamViewType",
            "streamViewType is required when streamEnabled is true, and only then",
        )


def _time_to_live(given: Properties) -> Problems:
    """A time to live that is on names its attribute."""
    ttl = given.get("ttl", {})
    if _is_known(ttl) and ttl.get("enabled") is True and not ttl.get("attributeName"):
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
    for number, query in enumerate(given.get("metricQueries", [])):
        if _is_known(query) and "expression" in query and "metric" in query:
            where = f"metricQueries[{number}]"
            yield where, f"{where}: only one of expression, metric can be specified"


RULES: dict[str, Callable[[Properties], Problems]] = {
    "alarm": _alarm,
    "index_keys": _index_keys,
    "indexed_attributes": _indexed_attributes,
    "streams": _streams,
    "throughput": _throughput,
    "time_to_live": _time_to_live,
    "zip_function": _zip_function,
}

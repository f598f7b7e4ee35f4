"""What AWS's provider refuses before it makes a call: the checks of its schema, in its words."""

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, cast

from localcloud.provision.facts.model import Property, TypeFacts
from localcloud.provision.facts.rules import rule_problems
from localcloud.provision.facts.values import DEFAULTS, UNKNOWN, Properties, walk

_ARN = re.compile(
    r"arn:aws(-[a-z]+)*:[^:]*:([a-z]{2}(-[a-z]+)+-\d{1,2})?:"
    r"(aws|aws-managed|third-party|aws-marketplace|\d{12}|cw.{10})?:.*",
    re.ASCII | re.DOTALL,
)
_SHOWN_CHARACTERS = 200


@dataclass(frozen=True)
class Failure:
    """An input that is refused.

    where: the property's path. problem: the provider's words. value: what it is, if that is the
    problem; not to be shown of a secret.
    """

    where: str
    problem: str
    value: Any = None

    def text(self, *, hidden: bool = False) -> str:
        """One sentence: the property, what is allowed, what it got."""
        if self.value is None:
            return self.problem
        return f"{self.problem}, got {'[secret]' if hidden else _shown(self.value)}"


def check(facts: TypeFacts, inputs: Properties) -> list[Failure]:
    """Everything the provider refuses of these inputs; what is not known yet passes."""
    given = {name: value for name, value in inputs.items() if value is not None}
    given.pop(DEFAULTS, None)
    found = [*_missing(facts, "", "", given)]
    for path, where, value in walk(facts, given):
        if value is UNKNOWN or value is None:
            continue
        if fact := facts.properties.get(path):
            found += value_failures(fact, where, value)
            found += _with_others(facts, fact, where, given)
        if isinstance(value, Mapping):
            found += _missing(facts, path, where, cast("Properties", value))
    found += _groups(facts, given)
    for rule in facts.rules:
        found += [Failure(where, problem) for where, problem in rule_problems(rule, given)]
    return found


def value_failures(fact: Property, where: str, value: Any) -> Iterator[Failure]:
    """What is wrong with a known value by itself."""
    if isinstance(value, list):
        yield from _count(fact, where, cast("list[Any]", value))
    elif isinstance(value, str):
        yield from _text(fact, where, value)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _number(fact, where, value)
    if fact.enum is not None and value not in fact.enum:
        allowed = ", ".join(map(str, fact.enum))
        yield Failure(where, f"expected {where} to be one of {allowed}", value)
    if fact.any_of:
        alternatives = [list(value_failures(each, where, value)) for each in fact.any_of]
        if all(alternatives):
            problems = " or ".join(each[0].problem for each in alternatives)
            yield Failure(where, problems, value)


def _text(fact: Property, where: str, value: str) -> Iterator[Failure]:
    if fact.length is not None:
        least, most = fact.length
        size = len(value.encode())
        if size < (least or 0) or (most is not None and size > most):
            yield Failure(
                where,
                f"expected length of {where} to be in the range ({least or 0} -"
                f" {'unlimited' if most is None else most}) bytes, it has {size}",
                value,
            )
    if fact.pattern is not None and not _as_in_go(fact.pattern).search(value):
        words = f"{fact.says}: " if fact.says else ""
        yield Failure(where, f"invalid value for {where} ({words}{fact.pattern})", value)
    if fact.not_form and value and _ARN.fullmatch(value):
        yield Failure(where, f"{where}: {fact.says}", value)
    if fact.form is not None and (problem := _FORMS[fact.form](value)):
        yield Failure(where, f"{where} {problem}", value)


@cache
def _as_in_go(pattern: str) -> re.Pattern[str]:
    """The provider's pattern: Go's `$` is the end of the text, never before a last line feed."""
    return re.compile(re.sub(r"(?<!\\)\$(?=[|)]|\Z)", r"\\Z", pattern), re.ASCII)


def _number(fact: Property, where: str, value: float) -> Iterator[Failure]:
    if fact.range is not None:
        least, most = fact.range
        if most is None and least is not None and value < least:
            yield Failure(where, f"expected {where} to be at least ({least})", value)
        elif most is not None and not (least or 0) <= value <= most:
            yield Failure(where, f"expected {where} to be in the range ({least} - {most})", value)
    if fact.multiple_of and value % fact.multiple_of:
        yield Failure(where, f"expected {where} to be divisible by {fact.multiple_of}", value)


def _count(fact: Property, where: str, value: list[Any]) -> Iterator[Failure]:
    if fact.items is not None:
        least, most = fact.items
        if len(value) < (least or 0) or (most is not None and len(value) > most):
            bounds = f"{least or 0} - {'unlimited' if most is None else most}"
            yield Failure(where, f"{where}: {bounds} items are allowed, there are {len(value)}")


def _with_others(
    facts: TypeFacts, fact: Property, where: str, given: Properties
) -> Iterator[Failure]:
    for other in fact.conflicts:
        if other in given:
            yield Failure(where, f"{where}: conflicts with {other}")
    for other in fact.required_with:
        known = facts.properties.get(other)
        if other not in given and (known is None or known.default is None):
            yield Failure(where, f"{where}: all of {where}, {other} must be specified")
    for other, value in fact.only_if.items():
        if given.get(other, False) not in (value, UNKNOWN) and given.get(where) not in (
            fact.default,
            False,
        ):
            yield Failure(where, f"{where} can only be set when {other} is {str(value).lower()}")


def _missing(facts: TypeFacts, path: str, where: str, given: Properties) -> Iterator[Failure]:
    for name in facts.required.get(path, ()):
        if given.get(name) is None and not _is_auto_named(facts, path, name):
            place = f"{where}.{name}" if where else name
            yield Failure(place, f"Missing required argument: {place} is required")


def _is_auto_named(facts: TypeFacts, path: str, name: str) -> bool:
    return not path and facts.auto_named is not None and facts.auto_named.property == name


def _groups(facts: TypeFacts, given: Properties) -> Iterator[Failure]:
    for group in facts.exactly_one_of:
        found = [name for name in group if name in given]
        if len(found) != 1:
            said = "one of" if not found else "only one of"
            got = f", but {', '.join(found)} were specified" if found else " must be specified"
            end = " can be specified" if found else ""
            yield Failure(group[0], f"{group[0]}: {said} {', '.join(group)}{end}{got}")
    for group in facts.at_least_one_of:
        if not any(name in given for name in group):
            yield Failure(group[0], f"{group[0]}: one of {', '.join(group)} must be specified")


def _account(value: str) -> str:
    return "" if re.fullmatch(r"\d{12}", value) else "is no account id: it must be 12 digits"


def _arn(value: str) -> str:
    # the provider lets an empty one pass
    return "" if not value or _ARN.fullmatch(value) else "is an invalid ARN"


def _base64(value: str) -> str:
    try:
        base64.b64decode(value, validate=True)
    except binascii.Error:
        return "must be base64-encoded"
    return ""


def _https(value: str) -> str:
    is_url = re.fullmatch(r"https://[^/?#\s]+[^?#\s]*", value)
    return "" if is_url else "must be a URL with https and no query"


def _json(value: str) -> str:
    try:
        json.loads(value)
    except ValueError as error:
        return f"contains an invalid JSON: {error}"
    return ""


def _policy(value: str) -> str:
    if not value.startswith("{"):
        return "contains an invalid JSON policy: it must begin with {"
    return _json(value)


def _time(value: str) -> str:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return "must be a time of RFC 3339"
    return ""


_FORMS = {
    "account": _account,
    "arn": _arn,
    "base64": _base64,
    "https": _https,
    "json": _json,
    "policy": _policy,
    "time": _time,
}


def _shown(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}..."

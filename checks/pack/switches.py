"""What a configuration of the pack takes away: lowered levels, and exemptions."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

Configuration = Mapping[str, Any]
"""Policy, or `all` -> its level, or an object with `enforcementLevel` and properties."""


def levels(config: Configuration, policies: Collection[str]) -> dict[str, str]:
    """Policy, and `all` -> the level that the configuration gives it, as Pulumi's engine reads it.

    (pkg/resource/analyzer/config.go: a policy's own level goes before that of `all`)
    """
    given = {policy: level for policy, value in config.items() if (level := _level(value))}
    default = dict.fromkeys(policies, given["all"]) if "all" in given else {}
    return {**default, **given}


def _level(value: Any) -> str | None:
    level: Any = value if isinstance(value, str) else value.get("enforcementLevel")
    return None if level is None else str(level)


def properties(config: Configuration) -> dict[str, dict[str, Any]]:
    """Policy -> its properties, without levels."""
    return {
        policy: {name: each for name, each in value.items() if name != "enforcementLevel"}
        for policy, value in config.items()
        if policy != "all" and not isinstance(value, str)
    }


def exemptions(config: Configuration) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(policy, exemption) of each exemption."""
    for policy, value in config.items():
        if not isinstance(value, str):
            yield from ((policy, each) for each in value.get("exemptions", []))


def gone(urn: str, declared: Mapping[str, Collection[str]]) -> bool:
    """Whether a URN is of a stack that was previewed, and not of what it declares.

    declared: stack -> its URNs.
    """
    stack = urn.removeprefix("urn:pulumi:").partition("::")[0]
    return stack in declared and urn not in declared[stack]

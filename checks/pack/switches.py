"""What a configuration of the pack takes away: lowered levels, and exemptions."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

Configuration = Mapping[str, Any]
"""Policy, or `all` -> its level, or an object with `enforcementLevel` and properties."""


def lowered(config: Configuration) -> Iterator[tuple[str, str]]:
    """(policy, level) of each policy that the configuration makes less than mandatory."""
    for policy, value in config.items():
        level: Any = value if isinstance(value, str) else value.get("enforcementLevel")
        if level not in (None, "mandatory"):
            yield policy, str(level)


def disabled(config: Configuration, policies: Collection[str]) -> set[str]:
    """The policies that the configuration does not let the pack ask."""
    named = {policy for policy, level in lowered(config) if level == "disabled"}
    return named & set(policies) if "all" not in named else set(policies) - (set(config) - named)


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

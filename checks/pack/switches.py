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


def asked(config: Configuration, policies: Collection[str]) -> int:
    """How many policies are asked: those that the configuration does not disable."""
    disabled = {policy for policy, level in lowered(config) if level == "disabled"}
    if "all" not in disabled:
        return len(set(policies) - disabled)
    return len({policy for policy in policies if policy in config and policy not in disabled})


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

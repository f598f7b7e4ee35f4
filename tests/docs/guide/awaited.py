"""Commands that the guide uses and that do not exist yet, or do not work on the embedded cloud yet.

Their blocks run once they leave this list.
"""

from collections.abc import Sequence

AWAITED = (
    "verify --canary",
    "executions list --archived",
    "tune",
    "backup",
    "restore",
    "maintenance",
    "support-bundle",
    "prune",  # MiniStack answers no ListProvisionedConcurrencyConfigs
)


def awaited(command: str) -> str | None:
    """The entry that the command line belongs to."""
    words = command.split()
    return next((each for each in AWAITED if _is(each.split(), words)), None)


def _is(entry: Sequence[str], words: Sequence[str]) -> bool:
    return [*words[:3]] == ["python", "-m", "ops"] and words[3] == entry[0] and {*entry} <= {*words}

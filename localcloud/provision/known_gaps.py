"""What is declared and, as we know, not held by the embedded cloud: data, with a reason each."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Gap:
    """A property that may differ when read back.

    type: the resource's type token.
    path: the property's path, and all below it.
    """

    type: str
    path: str
    reason: str

    def covers(self, type_: str, path: str) -> bool:
        """Whether a difference is this gap."""
        return type_ == self.type and (
            path == self.path or path.startswith((f"{self.path}.", f"{self.path}["))
        )


_FOR_DELETION = "says how the provider shall delete it; no service holds that"

KNOWN_GAPS: tuple[Gap, ...] = (
    Gap("aws:kms/key:Key", "deletionWindowInDays", _FOR_DELETION),
    Gap("aws:secretsmanager/secret:Secret", "recoveryWindowInDays", _FOR_DELETION),
)

"""Declared properties that the embedded cloud is known not to hold, each with the reason."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Gap:
    """A property that may differ when it is read back.

    type: the resource's type token.
    path: the property's path; the properties below it are included.
    """

    type: str
    path: str
    reason: str

    def covers(self, type_: str, path: str) -> bool:
        """Whether a difference at a path is this gap."""
        return type_ == self.type and (
            path == self.path or path.startswith((f"{self.path}.", f"{self.path}["))
        )


_FOR_DELETION = "an instruction to the provider for the deletion; no service holds it"

KNOWN_GAPS: tuple[Gap, ...] = (
    Gap("aws:kms/key:Key", "deletionWindowInDays", _FOR_DELETION),
    Gap("aws:s3/bucket:Bucket", "forceDestroy", _FOR_DELETION),
    Gap("aws:secretsmanager/secret:Secret", "recoveryWindowInDays", _FOR_DELETION),
)

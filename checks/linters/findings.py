"""What a linter finds, and which findings are accepted, each with a reason."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One finding.

    linter, rule: which linter reports it, by which of its rules.
    type: Pulumi's type token of the resource; name: its name in the program.
    where: the path of the value, as the linter writes it.
    """

    linter: str
    rule: str
    type: str
    name: str
    where: str
    message: str

    def __str__(self) -> str:
        where = f" at {self.where}" if self.where else ""
        return f"{self.linter} {self.rule}: {self.name}{where}: {self.message}"


@dataclass(frozen=True)
class AcceptedFinding:
    """Findings that are known and are no fault of the program.

    types: of the resources. where, message: patterns of the whole path and message.
    reason: why the program is right, with the source.
    """

    linter: str
    rule: str
    types: tuple[str, ...]
    reason: str
    where: str = r".*"
    message: str = r".*"

    def covers(self, finding: Finding) -> bool:
        """Whether it accepts this finding."""
        return (
            (self.linter, self.rule) == (finding.linter, finding.rule)
            and finding.type in self.types
            and re.fullmatch(self.where, finding.where) is not None
            and re.fullmatch(self.message, finding.message, re.DOTALL) is not None
        )

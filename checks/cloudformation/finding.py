"""What a judge finds, and what is known of it: data, with a reason each."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One objection.

    judge, rule: who objects, by which rule of its own.
    type: Pulumi's type of the resource; name: its name in the program.
    where: the path in the judge's own words.
    """

    judge: str
    rule: str
    type: str
    name: str
    where: str
    message: str

    def __str__(self) -> str:
        where = f" at {self.where}" if self.where else ""
        return f"{self.judge} {self.rule}: {self.name}{where}: {self.message}"


@dataclass(frozen=True)
class AcceptedFinding:
    """Objections that are known, and why they stand.

    types: of the resources. where: the whole path. message: what it says; both are patterns.
    reason: why it is no fault of the program, with the source.
    """

    judge: str
    rule: str
    types: tuple[str, ...]
    reason: str
    where: str = r".*"
    message: str = r".*"

    def covers(self, finding: Finding) -> bool:
        """Whether this is about that."""
        return (
            (self.judge, self.rule) == (finding.judge, finding.rule)
            and finding.type in self.types
            and re.fullmatch(self.where, finding.where) is not None
            and re.fullmatch(self.message, finding.message, re.DOTALL) is not None
        )

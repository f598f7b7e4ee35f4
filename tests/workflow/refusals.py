"""Who was refused where: a table for the test report."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from localcloud.http_calls import Reply
from tests.workflow.api import PROTECTED

Noted = Callable[[str, Sequence[Reply]], None]


@dataclass
class Refusals:
    """Statuses by who came, a column for each route that needs a token."""

    rows: dict[str, list[int]] = field(default_factory=dict[str, list[int]])

    def note(self, who: str, replies: Sequence[Reply]) -> None:
        """Note what somebody got."""
        self.rows[who] = [reply.status for reply in replies]

    def lines(self) -> list[str]:
        """The table; columns are numbered, the routes stand above them."""
        numbered = [f"{number}: {route.key}" for number, route in enumerate(PROTECTED, start=1)]
        width = max(map(len, self.rows))
        head = " ".join(f"{number:>4}" for number in range(1, len(PROTECTED) + 1))
        return [
            *numbered,
            f"{'':{width}} {head}",
            *(
                f"{who:{width}} {' '.join(f'{status:>4}' for status in statuses)}"
                for who, statuses in self.rows.items()
            ),
        ]

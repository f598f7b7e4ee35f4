"""How a stack tells: its language, whom it calls, and where more is to be seen."""

from dataclasses import dataclass

from handlers.contract.languages import Language
from handlers.contract.statuses import ExecutionStatus
from handlers.slack.notices import Ending
from handlers.slack.texts import WORDS, Words


@dataclass(frozen=True)
class Style:
    """How this stack tells.

    escalate_percent: from this share of failed actions on an ending is an escalation.
    mention: whom an escalation calls, in Slack's markup; empty for nobody.
    runbook, dashboard: URLs, without an anchor. region, log_groups: where the logs are.
    """

    language: Language
    escalate_percent: float
    mention: str
    runbook: str
    dashboard: str
    region: str
    log_groups: tuple[str, ...]

    @property
    def has_runbook_link(self) -> bool:
        """Whether the runbook has an address; it may be a path in the checkout."""
        return self.runbook.startswith("https://")

    @property
    def words(self) -> Words:
        """The words of the language."""
        return WORDS[self.language]

    def is_escalation(self, ending: Ending) -> bool:
        """Whether so much failed that somebody is called."""
        is_failure = ending.status != ExecutionStatus.ABORTED and ending.failed > 0
        return is_failure and ending.failed_percent >= self.escalate_percent

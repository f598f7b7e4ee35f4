"""The stack's style of messages: language, mention and links."""

from dataclasses import dataclass

from handlers.contract.languages import Language
from handlers.contract.statuses import ExecutionStatus
from handlers.slack.notices import ExecutionNotice
from handlers.slack.texts import TEXTS, Texts


@dataclass(frozen=True)
class Style:
    """What differs between the messages of two stacks.

    escalate_percent: from this share of failed actions on, an execution is an escalation.
    mention: whom an escalation mentions, in Slack's markup; may be empty.
    runbook, dashboard: URLs, without an anchor. region, log_groups: of the functions' logs.
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
        """Whether the runbook has a URL; it may be a path in the checkout."""
        return self.runbook.startswith("https://")

    @property
    def texts(self) -> Texts:
        """The texts in the stack's language."""
        return TEXTS[self.language]

    def is_escalation(self, notice: ExecutionNotice) -> bool:
        """Whether enough actions failed that the message mentions a person."""
        is_failure = notice.status != ExecutionStatus.ABORTED and notice.failed > 0
        return is_failure and notice.failed_percent >= self.escalate_percent

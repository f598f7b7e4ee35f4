"""One goal, as the model of costs sees it."""

from dataclasses import dataclass
from decimal import Decimal
from math import ceil

from handlers.generation.pricing import price_of

POLL_SECONDS = 3
"""The web client's (product-facts: "Polls every 3 s")."""


@dataclass(frozen=True)
class Goal:
    """What the costs of a goal depend on.

    call_seconds: a model call's mean. calls_an_action: 1 and the share that is repaired.
    hedged_share: share of calls that get a second one beside them (generation.hedgeAfterSeconds).
    input_tokens, output_tokens: of one call. item_kb, tasks_kb: a work item and its tasks' item in
    the table. traced: share of executions that X-Ray records to their end.
    Defaults: measured on the embedded cloud with its example goal (`make local`), calls of 2 s.
    """

    actions: int = 64
    batch_size: int = 8
    actions_at_once: int = 24
    call_seconds: float = 2.0
    calls_an_action: float = 1.0
    hedged_share: float = 0.0
    input_tokens: float = 863
    output_tokens: float = 388
    item_kb: float = 2.5
    tasks_kb: float = 2.0
    traced: float = 1.0
    model: str = "amazon.nova-micro-v1:0"
    region: str = "ap-northeast-1"

    @property
    def batches(self) -> int:
        """Transactions of a save."""
        return ceil(self.actions / self.batch_size)

    @property
    def polls(self) -> int:
        """Status requests of a user who watches from the start to the end."""
        seconds = self.actions * self.calls_an_action * self.call_seconds / self.actions_at_once
        return ceil((seconds + 2) / POLL_SECONDS)

    def token_cost(self, input_tokens: float) -> Decimal:
        """US dollars of all calls. Raises KeyError if the model has no price in the region."""
        price = price_of(self.model, self.region)
        if price is None:
            raise KeyError(f"{self.model} has no price in {self.region}")
        calls = self.actions * self.calls_an_action * (1 + self.hedged_share)
        return price.cost(round(calls * input_tokens), round(calls * self.output_tokens))

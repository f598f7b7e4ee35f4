"""The token budget that executions share: what of it is given out, after the model throttled."""

from dataclasses import dataclass, replace

_CUT, _LEAST_SHARE = 0.7, 0.1
_CUT_SECONDS = 15
"""Calls in flight when the budget was cut may still be throttled: not cut again so soon."""
_RECOVERY_SECONDS = 3600
"""From nothing to the whole budget; a quota lower than the budget is found anew so often."""


@dataclass(frozen=True)
class Budget:
    """The tokens that are spent, as time.

    paid_until: until when those who were let in use up the budget; epoch seconds.
    share, cut_at: what the last throttling left of the budget (0 to 1), and when.
    payers: the executions that paid last. A payment whose answer was lost is not made again.
    """

    paid_until: float = 0
    share: float = 1
    cut_at: float = 0
    payers: tuple[str, ...] = ()

    def share_at(self, now: float) -> float:
        """The share of the budget that is given out: all of it again some time after a cut."""
        return min(1.0, self.share + (now - self.cut_at) / _RECOVERY_SECONDS)

    def cut(self, now: float) -> "Budget | None":
        """The budget after a model call was throttled; None if it was cut just before."""
        if now - self.cut_at < _CUT_SECONDS:
            return None
        return replace(self, share=max(self.share_at(now) * _CUT, _LEAST_SHARE), cut_at=now)

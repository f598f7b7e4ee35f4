"""How soon a new or changed function is ready: MiniStack lets half a second pass each time.

A deployment creates its functions one after another, so most of its time was this pause.
"""

from localcloud.aws.ministack import functions

_schedule_state_transition = functions._schedule_state_transition
_SECONDS = 0.02


def schedule_state_transition(name: str, _delay: float) -> None:
    """Make a function active soon (replaces `_schedule_state_transition`)."""
    _schedule_state_transition(name, _SECONDS)

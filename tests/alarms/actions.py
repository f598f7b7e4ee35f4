"""One simulated action of an execution: its attempts and its outcome, on good and bad days."""

import random
from dataclasses import dataclass
from enum import Enum, auto

ACTIONS = 64
AT_ONCE = 24
FAILING = 0.02
"""Actions that fail for good."""
_HOPELESS = 0.1
"""Of those: the answer is refused at once, at every attempt."""
_HICCUPS = 0.03
"""Actions whose first attempt fails and whose second succeeds."""
_THROTTLED = 0.9
_RETRIES_SECONDS = (2.0, 4.0, 8.0)
_THROTTLE_RETRIES_SECONDS = (10.0, 20.0, 40.0, 60.0, 60.0)


class ActionOutcome(Enum):
    """How an action ends."""

    SAVED = auto()
    FAILED = auto()
    HOPELESS = auto()


@dataclass(frozen=True)
class SimulatedAction:
    """calls: of the function; answers: of the model; seconds: waits between attempts included."""

    outcome: ActionOutcome
    calls: int = 1
    failed_attempts: int = 0
    throttles: int = 0
    answers: int = 1
    seconds: float = 12.0


def one_action(chance: random.Random, *, model_down: bool, throttling: bool) -> SimulatedAction:
    """How one action goes."""
    if throttling:
        return _throttled(chance)
    luck = chance.random()
    if not model_down and luck < FAILING * _HOPELESS:
        return SimulatedAction(ActionOutcome.HOPELESS, failed_attempts=1, seconds=8)
    if model_down or luck < FAILING:
        waited = sum(chance.uniform(0, longest) for longest in _RETRIES_SECONDS)
        attempts = len(_RETRIES_SECONDS) + 1
        return SimulatedAction(
            ActionOutcome.FAILED, attempts, attempts, answers=0, seconds=waited + attempts
        )
    seconds = chance.lognormvariate(2.2, 0.5)
    if luck < FAILING + _HICCUPS:
        return SimulatedAction(ActionOutcome.SAVED, calls=2, failed_attempts=1, seconds=seconds + 4)
    return SimulatedAction(ActionOutcome.SAVED, seconds=seconds)


def _throttled(chance: random.Random) -> SimulatedAction:
    seconds = 8.0
    for retries, longest in enumerate((*_THROTTLE_RETRIES_SECONDS, 0.0)):
        if chance.random() > _THROTTLED:
            return SimulatedAction(
                ActionOutcome.SAVED, retries + 1, retries, retries, seconds=seconds
            )
        seconds += chance.uniform(0, longest)
    tries = len(_THROTTLE_RETRIES_SECONDS) + 1
    return SimulatedAction(ActionOutcome.FAILED, tries, tries, tries, answers=0, seconds=seconds)

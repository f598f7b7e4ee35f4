"""One action of an execution: how its attempts go, on a good day and on a bad one."""

import random
from dataclasses import dataclass
from enum import Enum, auto

ACTIONS = 64
AT_ONCE = 24
FAILING = 0.02
"""Actions that fail for good."""
_HOPELESS = 0.1
"""Of those: the answer is refused at once, now and whenever it is tried again."""
_HICCUPS = 0.03
"""Actions whose first attempt fails and whose second succeeds."""
_THROTTLED = 0.9
_RETRIES_SECONDS = (2.0, 4.0, 8.0)
_THROTTLE_RETRIES_SECONDS = (10.0, 20.0, 40.0, 60.0, 60.0)


class Outcome(Enum):
    """How an action ends."""

    SAVED = auto()
    FAILED = auto()
    HOPELESS = auto()


@dataclass(frozen=True)
class Action:
    """calls: of the function; answers: of the model; seconds: waits between attempts included."""

    outcome: Outcome
    calls: int = 1
    failed_attempts: int = 0
    throttles: int = 0
    answers: int = 1
    seconds: float = 12.0


def one_action(chance: random.Random, *, model_down: bool, throttling: bool) -> Action:
    """How one action goes."""
    if throttling:
        return _throttled(chance)
    luck = chance.random()
    if not model_down and luck < FAILING * _HOPELESS:
        return Action(Outcome.HOPELESS, failed_attempts=1, seconds=8)
    if model_down or luck < FAILING:
        waited = sum(chance.uniform(0, longest) for longest in _RETRIES_SECONDS)
        attempts = len(_RETRIES_SECONDS) + 1
        return Action(Outcome.FAILED, attempts, attempts, answers=0, seconds=waited + attempts)
    seconds = chance.lognormvariate(2.2, 0.5)
    if luck < FAILING + _HICCUPS:
        return Action(Outcome.SAVED, calls=2, failed_attempts=1, seconds=seconds + 4)
    return Action(Outcome.SAVED, seconds=seconds)


def _throttled(chance: random.Random) -> Action:
    seconds = 8.0
    for retries, longest in enumerate((*_THROTTLE_RETRIES_SECONDS, 0.0)):
        if chance.random() > _THROTTLED:
            return Action(Outcome.SAVED, retries + 1, retries, retries, seconds=seconds)
        seconds += chance.uniform(0, longest)
    tries = len(_THROTTLE_RETRIES_SECONDS) + 1
    return Action(Outcome.FAILED, tries, tries, tries, answers=0, seconds=seconds)

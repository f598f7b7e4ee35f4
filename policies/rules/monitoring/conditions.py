"""Kinds of alarms, each as the cases in which it has to fire, and in which it must not.

An alarm is judged by what it does in them, so that any expression of the same meaning is right.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

_HUNDRED = 100


@dataclass(frozen=True)
class Case:
    """Values of metrics in one period.

    given: label -> value; fires: whether the alarm has to; words: the case, after "if" or "while".
    """

    given: Mapping[str, float]
    fires: bool
    words: str


@dataclass(frozen=True)
class Facts:
    """What the cases depend on.

    threshold: the alarm's. minimum: the floor of rates that the configuration sets, if any.
    capacity: label -> units that are there in one period.
    """

    threshold: float
    minimum: float | None
    capacity: Mapping[str, float]

    @property
    def high_share(self) -> float:
        """A share in percent that is clearly above the threshold."""
        return min(self.threshold * 1.25, (self.threshold + _HUNDRED) / 2)

    @property
    def low_share(self) -> float:
        """A share in percent that is clearly below the threshold."""
        return self.threshold * 0.8


Labels = Sequence[str]
Found = Mapping[str, Labels]
"""Pattern -> the labels of the alarm that it stands for."""


@dataclass(frozen=True)
class Rate:
    """A share of what went badly, in percent; silent on a single one.

    rest: what went well or otherwise, or all if `of_all`. excused: what is not counted as bad.
    least: so many bad ones, and no others, are enough for the usual floors.
    """

    bad: Labels
    rest: Labels
    excused: Labels = ()
    of_all: bool = False
    least: int = 50

    @property
    def patterns(self) -> Labels:
        """What it reads."""
        return (*self.bad, *self.rest, *self.excused)

    def cases(self, found: Found, facts: Facts) -> Iterator[Case]:
        """All cases; those of `bad` hold for each label."""
        least = max(self.least, 4 * (facts.minimum or 0))
        # even a small share of so many passes the floors
        many = _HUNDRED * least * max(1, 2 / facts.threshold) if facts.threshold > 0 else least
        rest = [each for pattern in self.rest for each in found[pattern]]
        for bad in (each for pattern in self.bad for each in found[pattern]):
            for other in rest:
                yield Case(
                    self._share(bad, other, facts.high_share, many),
                    fires=True,
                    words=f"{facts.high_share:g} % of many are {bad}, the rest {other}",
                )
                yield Case(
                    self._share(bad, other, facts.low_share, many),
                    fires=False,
                    words=f"only {facts.low_share:g} % are {bad}, the rest {other}",
                )
                if facts.minimum is None:
                    yield Case(
                        self._share(bad, other, _HUNDRED, 1),
                        fires=False,
                        words=f"there is one, and it is {bad}: a rate needs a minimum count",
                    )
                for pattern in self.excused:
                    excused = dict.fromkeys(found[pattern], many)
                    yield Case(
                        {**self._share(bad, other, _HUNDRED, many), **excused},
                        fires=False,
                        words=f"all of {bad} are {pattern}, which another alarm counts",
                    )
            whole = dict.fromkeys(rest, least) if self.of_all else {}
            yield Case({**whole, bad: least}, fires=True, words=f"{least:g} are {bad}, no others")

    def _share(self, bad: str, other: str, percent: float, many: float) -> dict[str, float]:
        count = many * percent / _HUNDRED
        others = many if self.of_all else many - count
        return {bad: count, other: others} if others else {bad: count}


@dataclass(frozen=True)
class InVain:
    """Many were tried and none succeeded."""

    tried: str
    succeeded: str
    excused: Labels = ()
    least: int = 10

    @property
    def patterns(self) -> Labels:
        """What it reads."""
        return (self.tried, self.succeeded, *self.excused)

    def cases(self, found: Found, _facts: Facts) -> Iterator[Case]:
        """All cases."""
        (tried,), (succeeded,) = found[self.tried], found[self.succeeded]
        for many in (self.least, 100_000):
            yield Case({tried: many}, fires=True, words=f"{many:g} of {tried}, none of {succeeded}")
            yield Case(
                {tried: many, succeeded: 1},
                fires=False,
                words=f"{many:g} of {tried}, one of {succeeded}",
            )
            for excused in (each for pattern in self.excused for each in found[pattern]):
                yield Case(
                    {tried: many, excused: many}, fires=False, words=f"all of {tried} are {excused}"
                )
        yield Case({tried: 1}, fires=False, words=f"a single {tried}")
        yield Case({}, fires=False, words="nothing is tried")


@dataclass(frozen=True)
class Above:
    """Any of the metrics alone is above the threshold."""

    labels: Labels

    @property
    def patterns(self) -> Labels:
        """What it reads."""
        return self.labels

    def cases(self, found: Found, facts: Facts) -> Iterator[Case]:
        """All cases."""
        high = facts.threshold * 1.1 + 1
        for each in (each for pattern in self.labels for each in found[pattern]):
            yield Case({each: high}, fires=True, words=f"{each} alone is {high:g}")
            low = facts.threshold * 0.9
            yield Case({each: low}, fires=False, words=f"{each} is {low:g}")
        yield Case({}, fires=False, words="no metric has a value")


@dataclass(frozen=True)
class Share:
    """Any of the metrics alone is above a share of the capacity that is there for it."""

    labels: Labels

    @property
    def patterns(self) -> Labels:
        """What it reads."""
        return self.labels

    def cases(self, found: Found, facts: Facts) -> Iterator[Case]:
        """All cases."""
        for each in (each for pattern in self.labels for each in found[pattern]):
            for percent in (facts.high_share, facts.low_share):
                used = facts.capacity.get(each, 0) * percent / _HUNDRED
                yield Case(
                    {each: used},
                    fires=percent > facts.threshold,
                    words=f"{each} is {percent:g} % of the capacity",
                )


@dataclass(frozen=True)
class Silence:
    """Nothing is counted; `for_ever`: one that is off stays so without a value."""

    label: str
    for_ever: bool = False

    @property
    def patterns(self) -> Labels:
        """What it reads."""
        return (self.label,)

    def cases(self, found: Found, _facts: Facts) -> Iterator[Case]:
        """All cases."""
        (counted,) = found[self.label]
        yield Case({counted: 1}, fires=False, words=f"there is one of {counted}")
        yield Case({counted: 0}, fires=True, words=f"there is none of {counted}")
        words = f"{counted} has no value"
        yield Case({}, fires=not self.for_ever, words=words)


Condition = Rate | InVain | Above | Share | Silence

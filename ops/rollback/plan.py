"""Which aliases move where, and in which order: pure functions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from components.settings import STATE_MACHINE_PIN
from ops.problems import OperatorError

_ONE_DEPLOYMENT = timedelta(minutes=15)
"""Versions published with no longer pause between them are of one deployment: `pulumi up` publishes
them within minutes, and a deployment waits for approvals before it begins."""


@dataclass(frozen=True)
class Owner:
    """A function or the state machine, by its name in the manifest or `state-machine`.

    live: the version that `live` points at. published: version -> when.
    """

    name: str
    live: int
    published: Mapping[int, datetime]

    @property
    def newest(self) -> int:
        """The newest version."""
        return max(self.published)


@dataclass(frozen=True)
class Move:
    """`live` of an owner goes from a version to another."""

    name: str
    old: int
    new: int
    is_newest: bool

    @property
    def is_done(self) -> bool:
        """Whether there is nothing left to do."""
        return self.old == self.new


def before_last_deployment(owners: Iterable[Owner]) -> dict[str, int]:
    """The versions as they were before the newest deployment, whatever is live now.

    An owner that the deployment did not change keeps its newest version; one that it created stays
    out, since nothing older calls it. Raises OperatorError if there was no earlier deployment.
    """
    owners = [*owners]
    started = _start([when for owner in owners for when in owner.published.values()])
    targets = dict[str, int]()
    for owner in owners:
        if earlier := [number for number, when in owner.published.items() if when < started]:
            targets[owner.name] = max(earlier)
    if not targets:
        raise OperatorError(
            f"no version from before the last deployment ({started:%Y-%m-%d %H:%M} UTC) is kept:"
            " deploy an older commit instead"
        )
    return targets


def moves(owners: Iterable[Owner], targets: Mapping[str, int]) -> list[Move]:
    """The moves in the order of a rollback; those already done are among them.

    The machine first: a deployment moves it last, so the old definition has met the new functions
    then, and meets them now. Raises OperatorError for a version that does not exist.
    """
    by_name = {owner.name: owner for owner in owners}
    found = list[Move]()
    for name, version in targets.items():
        owner = by_name[name]
        if version not in owner.published:
            kept = ", ".join(str(number) for number in sorted(owner.published))
            raise OperatorError(f"--to {name}={version}: there is no such version, only {kept}")
        found.append(Move(name, owner.live, version, version == owner.newest))
    return sorted(found, key=lambda move: move.name != STATE_MACHINE_PIN)


def read_targets(texts: Iterable[str], allowed: Iterable[str]) -> dict[str, int]:
    """`NAME=VERSION` of the option --to. Raises OperatorError."""
    names = [*allowed]
    targets = dict[str, int]()
    for text in texts:
        name, _, version = text.partition("=")
        if name not in names or not version.isdecimal():
            raise OperatorError(
                f"--to {text}: give NAME=VERSION, a version's number of {', '.join(names)}"
            )
        targets[name] = int(version)
    return targets


def _start(times: list[datetime]) -> datetime:
    newest_first = sorted(times, reverse=True)
    started = newest_first[0]
    for when in newest_first[1:]:
        if started - when > _ONE_DEPLOYMENT:
            break
        started = when
    return started

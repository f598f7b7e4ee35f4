"""The lines of `verify`, and what a defect adds to those that fail."""

from collections.abc import Callable

from ops.stack import Stack
from ops.verify.facts import Facts, Line, compare
from ops.verify.found import found

Plant = Callable[[Stack], None]
"""Causes a defect, by the calls that cause it. It stays, so each counts what it adds."""


def lines(declared: Facts, stack: Stack) -> list[Line]:
    """Every check of a stack against what is declared."""
    return list(compare(declared, *found(stack, declared)))


def failed(declared: Facts, stack: Stack) -> set[tuple[str, str]]:
    """Subject and check of those that fail."""
    return {(line.subject, line.check) for line in lines(declared, stack) if not line.passed}


def newly_failed(plant: Plant, declared: Facts, stack: Stack) -> set[tuple[str, str]]:
    """What fails after a defect is planted and did not before."""
    before = failed(declared, stack)
    plant(stack)
    return failed(declared, stack) - before

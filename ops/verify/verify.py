"""Compare a stack with this checkout's program."""

from collections.abc import Mapping

from declared.program import evaluate
from declared.throwaway_secrets import throwaway_secrets
from ops.pins import pins_of
from ops.stack import Stack
from ops.verify.expected import expected
from ops.verify.facts import Line, compare
from ops.verify.found import found


def verify(stack: Stack, config: Mapping[str, str] | None = None) -> list[Line]:
    """A line for each check. Builds the functions' packages, unless they are built already.

    config: overrides the stack file, where the stack was deployed with such settings.
    """
    name = stack.names.environment
    program = evaluate(name, {**throwaway_secrets(), **(config or {})})
    facts = expected(program, stack.names, stack.packages, pins_of(name))
    return list(compare(facts, *found(stack, facts)))

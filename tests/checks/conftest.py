"""A program and a pack take a second each to start, so the policies' fixtures are used here too."""

from tests.policies.conftest import no_guide_variables, stacks

__all__ = ["no_guide_variables", "stacks"]

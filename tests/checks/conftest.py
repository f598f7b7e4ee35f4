"""Programs and packs take a second each to start: the policies' tests have the fixtures."""

from tests.policies.conftest import lab, no_guide_variables

__all__ = ["lab", "no_guide_variables"]

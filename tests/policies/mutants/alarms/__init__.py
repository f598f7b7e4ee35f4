"""Mutants for `policies.rules.alarms`."""

from tests.policies.mutants.alarms import composites, coverage, firing, metrics

MUTANTS = (*metrics.MUTANTS, *firing.MUTANTS, *composites.MUTANTS, *coverage.MUTANTS)

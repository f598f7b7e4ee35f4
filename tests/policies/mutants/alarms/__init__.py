"""Mutants for `policies.rules.alarms`."""

from tests.policies.mutants.alarms import composites, coverage, firing, metrics, statistics

MUTANTS = (
    *metrics.MUTANTS,
    *statistics.MUTANTS,
    *firing.MUTANTS,
    *composites.MUTANTS,
    *coverage.MUTANTS,
)

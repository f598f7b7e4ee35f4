"""Mutants for `policies.rules.monitoring`."""

from tests.policies.mutants.monitoring import alarms, dashboards, messages, others, queries

MUTANTS = (
    *alarms.MUTANTS,
    *others.MUTANTS,
    *messages.MUTANTS,
    *queries.MUTANTS,
    *dashboards.MUTANTS,
)

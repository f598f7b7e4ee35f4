"""Mutants for `policies.rules.monitoring`."""

from tests.policies.mutants.monitoring import alarms, dashboards, messages, queries

MUTANTS = (*alarms.MUTANTS, *messages.MUTANTS, *queries.MUTANTS, *dashboards.MUTANTS)

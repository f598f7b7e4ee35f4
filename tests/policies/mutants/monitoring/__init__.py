"""Mutants for `policies.rules.monitoring`."""

from tests.policies.mutants.monitoring import alarms

MUTANTS = (*alarms.MUTANTS,)

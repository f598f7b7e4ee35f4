"""Mutants for `policies.rules.monitoring`."""

from tests.policies.mutants.monitoring import alarms, messages

MUTANTS = (*alarms.MUTANTS, *messages.MUTANTS)

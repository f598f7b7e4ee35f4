"""Mutants for `policies.rules.grants`, a module for each module there."""

from tests.policies.mutants.grants import (
    by_function,
    denials,
    model,
    needed,
    operators,
    own_resources,
    owners,
    sources,
    verbs,
)

MUTANTS = (
    *verbs.MUTANTS,
    *by_function.MUTANTS,
    *operators.MUTANTS,
    *owners.MUTANTS,
    *denials.MUTANTS,
    *own_resources.MUTANTS,
    *model.MUTANTS,
    *needed.MUTANTS,
    *sources.MUTANTS,
)

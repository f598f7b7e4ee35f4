"""Mutants for `policies.rules.wiring`, a module for each module there."""

from tests.policies.mutants.wiring import (
    environment,
    logs,
    machine,
    payload,
    queues,
    reconciliation,
    routes,
    storage,
    throttle,
    versions,
)

MUTANTS = (
    *reconciliation.MUTANTS,
    *machine.MUTANTS,
    *payload.MUTANTS,
    *queues.MUTANTS,
    *versions.MUTANTS,
    *storage.MUTANTS,
    *logs.MUTANTS,
    *environment.MUTANTS,
    *routes.MUTANTS,
    *throttle.MUTANTS,
)

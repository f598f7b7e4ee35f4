"""Mutants for `policies.rules.wiring`, a module for each module there."""

from tests.policies.mutants.wiring import (
    archive,
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
    *archive.MUTANTS,
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

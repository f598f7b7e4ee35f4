"""All mutants, a module for each module of `policies.rules`."""

from tests.policies.mutants import (
    access,
    alarm_quotas,
    api,
    encryption,
    grants,
    iam,
    observability,
    ordering,
    permissions,
    preview,
    queues,
    quotas,
    resilience,
    secrets,
    state_machine,
    tagging,
)

MUTANTS = (
    *preview.MUTANTS,
    *iam.MUTANTS,
    *grants.MUTANTS,
    *access.MUTANTS,
    *permissions.MUTANTS,
    *queues.MUTANTS,
    *api.MUTANTS,
    *secrets.MUTANTS,
    *encryption.MUTANTS,
    *resilience.MUTANTS,
    *state_machine.MUTANTS,
    *observability.MUTANTS,
    *tagging.MUTANTS,
    *ordering.MUTANTS,
    *quotas.MUTANTS,
    *alarm_quotas.MUTANTS,
)

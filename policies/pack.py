"""The pack: all policies, in the order of docs/policies.md."""

from pulumi_policy import Policy

from policies.rules import (
    access,
    alarm_quotas,
    api,
    backups,
    buckets,
    encryption,
    iam,
    levels,
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
from policies.rules.alarms import composites, coverage, firing, metrics, statistics
from policies.rules.boundary import names, origins, providers, references, types
from policies.rules.expected import api as expected_api
from policies.rules.expected import definition as expected_definition
from policies.rules.expected import documents as expected_documents
from policies.rules.expected import entry_points
from policies.rules.expected import functions as expected_functions
from policies.rules.expected import routes as expected_routes
from policies.rules.expected import storage as expected_storage
from policies.rules.expected import users as expected_users
from policies.rules.grants import (
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
from policies.rules.monitoring import alarms as expected_alarms
from policies.rules.monitoring import dashboards, delivery, messages, other_alarms, saved_queries
from policies.rules.wiring import (
    archive,
    environment,
    items,
    logs,
    machine,
    payload,
    reconciliation,
    retries,
    routes,
    storage,
    throttle,
    versions,
)
from policies.rules.wiring import (
    queues as wired_queues,
)

NAME = "goal-mandala"

CONCERNS = (
    levels,
    types,
    providers,
    references,
    names,
    origins,
    preview,
    iam,
    verbs,
    by_function,
    operators,
    owners,
    denials,
    own_resources,
    needed,
    model,
    access,
    sources,
    permissions,
    queues,
    api,
    secrets,
    encryption,
    buckets,
    backups,
    resilience,
    state_machine,
    reconciliation,
    archive,
    machine,
    payload,
    retries,
    items,
    wired_queues,
    versions,
    storage,
    logs,
    environment,
    routes,
    throttle,
    observability,
    metrics,
    statistics,
    firing,
    composites,
    coverage,
    expected_alarms,
    other_alarms,
    messages,
    delivery,
    saved_queries,
    dashboards,
    tagging,
    ordering,
    quotas,
    alarm_quotas,
    expected_api,
    expected_functions,
    entry_points,
    expected_routes,
    expected_storage,
    expected_users,
    expected_documents,
    expected_definition,
)
"""The modules of `rules`; the order is that of the pack and of docs/policies.md."""


def policies() -> list[Policy]:
    """All policies."""
    return [
        value
        for concern in CONCERNS
        for value in vars(concern).values()
        if isinstance(value, Policy)
    ]

"""The pack: all policies, in the order of docs/policies.md."""

from pulumi_policy import Policy

from policies.rules import (
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
from policies.rules.alarms import composites, coverage, firing, metrics

NAME = "goal-mandala"

CONCERNS = (
    preview,
    iam,
    grants,
    access,
    permissions,
    queues,
    api,
    secrets,
    encryption,
    resilience,
    state_machine,
    observability,
    metrics,
    firing,
    composites,
    coverage,
    tagging,
    ordering,
    quotas,
    alarm_quotas,
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

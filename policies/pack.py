"""The pack: every policy, a file a concern."""

from pulumi_policy import Policy

from policies.rules import (
    access,
    alarm_quotas,
    encryption,
    grants,
    iam,
    observability,
    ordering,
    preview,
    queues,
    quotas,
    resilience,
    tagging,
)

NAME = "goal-mandala"

CONCERNS = (
    *[
        preview,
        iam,
        encryption,
        access,
        resilience,
        observability,
        tagging,
        quotas,
        alarm_quotas,
        grants,
        ordering,
        queues,
    ],
)


def policies() -> list[Policy]:
    """All policies, in the order of their files."""
    return [
        value
        for concern in CONCERNS
        for value in vars(concern).values()
        if isinstance(value, Policy)
    ]

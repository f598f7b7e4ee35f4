"""Tags: who pays, and which environment it is."""

import json
from collections.abc import Iterator
from typing import Any

from policies import resource_types
from policies.policy import resource_policy
from policies.resource_graph import Resource

REQUIRED = ("Project", "Environment")

_TAGGABLE = frozenset(
    {
        *[
            resource_types.ALARM,
            resource_types.API,
            resource_types.COMPOSITE_ALARM,
            resource_types.EVENT_RULE,
            resource_types.FUNCTION,
        ],
        *[
            resource_types.KEY,
            resource_types.LOG_GROUP,
            resource_types.MACHINE,
            resource_types.QUEUE,
            resource_types.ROLE,
            resource_types.SECRET,
        ],
        *[
            resource_types.STAGE,
            resource_types.TABLE,
            resource_types.TOPIC,
            resource_types.USER_POOL,
        ],
    }
)


@resource_policy(
    "tagging-required",
    on=_TAGGABLE,
    protects="Costs that nobody can attribute, and an environment taken for another.",
    fix=f"Set aws:defaultTags with {' and '.join(REQUIRED)} (the stack's name).",
    source="guide: コスト分析; AWS Tagging Best Practices",
)
def required(resource: Resource) -> Iterator[str]:
    """Every resource carries the tags, by itself or by its provider."""
    defaults: Any = resource.provider.get("defaultTags") or {}
    if isinstance(defaults, str):  # as the engine hands over what is nested
        defaults = json.loads(defaults)
    tags: dict[str, Any] = {**(defaults.get("tags") or {}), **(resource.props.get("tags") or {})}
    for name in REQUIRED:
        if not tags.get(name):
            yield f"tag {name} is missing"
    if tags.get("Environment", resource.stack) != resource.stack:
        yield f"tag Environment is {tags['Environment']}, the stack {resource.stack}"

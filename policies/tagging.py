"""Tags: who pays, and which environment it is."""

import json
from collections.abc import Iterator
from typing import Any

from policies import kinds
from policies.declared import Resource
from policies.policy import resource_policy

REQUIRED = ("Project", "Environment")

_TAGGABLE = frozenset(
    {
        *[kinds.ALARM, kinds.API, kinds.COMPOSITE_ALARM, kinds.EVENT_RULE, kinds.FUNCTION],
        *[kinds.KEY, kinds.LOG_GROUP, kinds.MACHINE, kinds.QUEUE, kinds.ROLE, kinds.SECRET],
        *[kinds.STAGE, kinds.TABLE, kinds.TOPIC, kinds.USER_POOL],
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

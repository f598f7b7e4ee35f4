"""Tags for cost reports and environments."""

import json
from collections.abc import Iterator
from typing import Any

from policies import remediations
from policies.conventions import REQUIRED_TAGS
from policies.policy import resource_policy
from policies.stack import resource_types
from policies.stack.resource_graph import Resource

_TAGGABLE = frozenset(
    {
        resource_types.ALARM,
        resource_types.API,
        resource_types.COMPOSITE_ALARM,
        resource_types.EVENT_RULE,
        resource_types.FUNCTION,
        resource_types.KEY,
        resource_types.LOG_GROUP,
        resource_types.MACHINE,
        resource_types.QUEUE,
        resource_types.ROLE,
        resource_types.SECRET,
        resource_types.STAGE,
        resource_types.TABLE,
        resource_types.TOPIC,
        resource_types.USER_POOL,
    }
)


@resource_policy(
    "tagging-required",
    on=_TAGGABLE,
    risk="Costs have no owner, or a resource is taken for one of another environment.",
    fix=f"Set aws:defaultTags with {' and '.join(REQUIRED_TAGS)} (the stack's name).",
    source="guide: コスト分析; AWS Tagging Best Practices",
    remediate=remediations.tags,
)
def required_tags(resource: Resource) -> Iterator[str]:
    """Every resource has the tags, its own or its provider's default ones."""
    defaults: Any = resource.provider.get("defaultTags") or {}
    if isinstance(defaults, str):  # the engine encodes nested provider settings as JSON
        defaults = json.loads(defaults)
    tags: dict[str, Any] = {**(defaults.get("tags") or {}), **(resource.props.get("tags") or {})}
    for name in REQUIRED_TAGS:
        if not tags.get(name):
            yield f"tag {name} is missing"
    if tags.get("Environment", resource.stack) != resource.stack:
        yield f"tag Environment is {tags['Environment']}, but the stack is {resource.stack}"

"""No policy is switched off: a level below mandatory is a violation itself.

Whoever runs Pulumi can set levels: in the file of `--policy-pack-config`, or in Pulumi Cloud.
"""

from collections.abc import Collection, Iterator, Mapping

from policies.policy import resource_policy
from policies.stack import resource_types
from policies.stack.resource_graph import Resource

POLICY = "pack-all-mandatory"
"""This policy has no level but mandatory (`server`)."""

problems: list[str] = []
"""What is wrong with the levels that the engine configured this process with."""

_ALL = "all"
_STRICT = frozenset({"mandatory", "remediate"})


def problems_of(levels: Mapping[str, str], names: Collection[str]) -> Iterator[str]:
    """A line for each level below mandatory, and for each name that is no policy's.

    levels: as configured: a level for each policy, and that of `all`. names: the policies'.
    """
    for name, level in sorted(levels.items()):
        is_as_all = name != _ALL and level == levels.get(_ALL)
        if name not in names and name != _ALL:
            yield f"the configuration of {name} does nothing: it is no policy of this pack"
        elif level not in _STRICT and not is_as_all:
            yield f"the configuration makes {name} {level}: only mandatory or remediate is allowed"


@resource_policy(
    POLICY,
    # The engine shows the stack first: where a level is lowered, nothing is created.
    on=(resource_types.STACK,),
    risk="Who deploys turns a policy off: for every resource, for good, and without a reason.",
    fix="Take the level out of the configuration of the pack. To let one finding pass for a while,"
    " exempt it: URN, violation, reason, owner and the last day (policies/README.md).",
    source="Pulumi docs: policy pack configuration, enforcement levels; NIST 800-53 CM-3, CM-5",
    can_be_exempt=False,
)
def all_mandatory(_: Resource) -> Iterator[str]:
    """No policy is disabled or only gives advice, and every name in the configuration is known."""
    yield from problems

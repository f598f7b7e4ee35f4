"""Web origins: whose pages may call the API, and where the browser goes after sign-in."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import combinations
from typing import Any

from policies.policy import resource_policy
from policies.stack import resource_types
from policies.stack.references import host_and_path
from policies.stack.resource_graph import UNKNOWN, Resource

_PROPERTIES = {
    resource_types.API: (("corsConfiguration", "allowOrigins"),),
    resource_types.USER_POOL_CLIENT: (("callbackUrls",), ("logoutUrls",)),
}
_LOOK_ALIKE = 0.75
"""Similarity of two registered domains (0 to 1) from which one may be taken for the other;
`goals.example.com` and `go4ls.example.net` are, two names of one product's are mostly not."""


@resource_policy(
    "boundary-own-origins",
    on=set(_PROPERTIES),
    risk="A page of somebody else, at an address that looks like ours, uses a user's token.",
    fix="Name only origins of domains that you have registered: plain ASCII, no user, no path.",
    source="OWASP API8:2023; UTS 39: Unicode security mechanisms, confusable identifiers",
)
def own_origins(resource: Resource) -> Iterator[str]:
    """Origins are plain, and no two domains look alike."""
    for path in _PROPERTIES[resource.type]:
        found: Any = resource.read(*path)
        origins = [str(each) for each in found or ()] if found is not UNKNOWN else []
        for origin in origins:
            host, rest = host_and_path(origin)
            if not origin.isascii() or "xn--" in host:
                yield f"origin {origin} has letters that look like others"
            elif "@" in origin or not host or (path[0] == "corsConfiguration" and rest):
                yield f"origin {origin} is more than a scheme, a host and a port"
        for one, other in combinations([host_and_path(each)[0] for each in origins], 2):
            if _looks_alike(one, other):
                yield f"origins {one} and {other} look alike, but are of different domains"


def _looks_alike(one: str, other: str) -> bool:
    """Whether two hosts of different registered domains can be taken for each other."""
    if _domain(one) == _domain(other) or not (one and other):
        return False
    first, second = _domain(one), _domain(other)
    if first.partition(".")[0] in _labels(other) or second.partition(".")[0] in _labels(one):
        return True
    return SequenceMatcher(None, first, second).ratio() >= _LOOK_ALIKE


def _domain(host: str) -> str:
    """The registered domain: the last two labels, three below a country's second level."""
    labels = host.split(".")
    count = 3 if re.search(r"\.(ac|co|com|gov|ne|net|or|org)\.[a-z]{2}$", host) else 2
    return ".".join(labels[-count:])


def _labels(host: str) -> set[str]:
    return {part for label in host.split(".") for part in (label, *label.split("-"))}

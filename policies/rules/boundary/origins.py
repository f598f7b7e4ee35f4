"""Web origins: whose pages may call the API, and where the browser goes after sign-in."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import combinations
from typing import Any

import pulumi.runtime

from policies.policy import stack_policy
from policies.rules.boundary.providers import is_this_machine
from policies.stack import resource_types
from policies.stack.references import host_and_path
from policies.stack.resource_graph import UNKNOWN, Resource, ResourceGraph
from policies.stack.values import parsed

_AFTER_SIGN_IN = ("callbackUrls", "defaultRedirectUri", "logoutUrls")
_LOOK_ALIKE = 0.75
"""Similarity of two registered domains (0 to 1) from which one may be taken for the other;
`example.com` and `examp1e.com` are, two names of one company's products are mostly not."""


@stack_policy(
    "boundary-own-origins",
    risk="A page of somebody else, at an address that looks like ours, gets a user's token.",
    fix="Name only configured origins (`corsOrigins`) of domains that you have registered, in plain"
    " ASCII, and send the browser to those only.",
    source="OWASP API8:2023; UTS 39: Unicode security mechanisms, confusable identifiers",
)
def own_origins(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Origins are configured and plain, no two look alike, and the browser goes to one of them."""
    config = pulumi.runtime.get_config_env()
    configured = next((parsed(config[key]) for key in config if key.endswith(":corsOrigins")), None)
    hosts: set[str] = set()
    for api in graph.of(resource_types.API):
        origins = _texts(api.read("corsConfiguration", "allowOrigins"))
        hosts |= {host_and_path(each)[0] for each in origins}
        for problem in _problems(origins, configured):
            yield api, problem
    for client in graph.of(resource_types.USER_POOL_CLIENT):
        for name in _AFTER_SIGN_IN:
            for url in _texts(client.read(name)):
                host = host_and_path(url)[0]
                is_web = url.startswith("http")  # any other scheme opens an app on the device
                if is_web and host not in hosts and not is_this_machine(host):
                    yield client, f"{name}: {url} is not at an origin that the API accepts"


def _problems(origins: list[str], configured: list[str] | None) -> Iterator[str]:
    for origin in origins:
        host, rest = host_and_path(origin)
        if not origin.isascii() or "xn--" in host:
            yield f"origin {origin} has letters that look like others"
        elif "@" in origin or not host or rest:
            yield f"origin {origin} is more than a scheme, a host and a port"
        elif configured is not None and origin not in configured:
            yield f"origin {origin} is not one of the configured ones: {', '.join(configured)}"
    for one, other in combinations([host_and_path(each)[0] for each in origins], 2):
        if _looks_alike(one, other):
            yield f"origins {one} and {other} look alike, but are of different domains"


def _texts(value: Any) -> list[str]:
    if value is UNKNOWN or not value:
        return []
    return [value] if isinstance(value, str) else [str(each) for each in value]


def _looks_alike(one: str, other: str) -> bool:
    """Whether two hosts of different registered domains can be taken for each other."""
    first, second = _domain(one), _domain(other)
    if first == second or not (one and other):
        return False
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

"""Where the resources go: one provider, for this account and region."""

import ipaddress
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from policies.conventions import LOCAL_STACKS
from policies.policy import stack_policy
from policies.stack.resource_graph import Resource, ResourceGraph, strings
from policies.stack.values import parsed

_DEFAULT_PROVIDER = r"default(_\d+)*"
"""Name of the provider that the engine makes: `default`, with the version behind it."""

_HARMLESS = {
    "defaultTags": "tagging judges the tags",
    "maxRetries": "how often a call is repeated",
    "profile": "which credentials are used; settings compare their account with the stack's",
    "region": "compared with the stack's below",
    "retryMode": "how a call is repeated",
    "skipMetadataApiCheck": "pulumi-aws sets it: no credentials from an EC2 machine",
    "skipRegionValidation": "pulumi-aws sets it; the region is compared with the stack's below",
    "version": "which plugin is used; the lock decides",
}
"""Setting of the AWS provider -> why it changes no account, region or service."""


@stack_policy(
    "boundary-own-provider",
    risk="A provider sends resources, with their secrets, to another account, region or host.",
    fix="Use the provider that the engine makes from `aws:region` and `aws:defaultTags`; delete"
    " every other provider and setting.",
    source="Pulumi: explicit and default providers; pulumi-aws: provider configuration",
)
def own_provider(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """There is one provider, which redirects and skips nothing."""
    found: set[str] = set()
    for resource in graph.resources:
        is_provider = resource.type.startswith("pulumi:providers:")
        name = resource.name if is_provider else resource.provider_name
        if name and not re.fullmatch(_DEFAULT_PROVIDER, name):
            yield resource, f"provider {name}: only the one that the engine makes may be used"
        settings = resource.props if is_provider else resource.provider
        if is_provider or resource.type.startswith("aws:"):
            for message in _problems(graph, resource, settings):
                if message not in found:  # all resources have the same provider
                    found.add(message)
                    yield resource, message


def _problems(
    graph: ResourceGraph, resource: Resource, settings: Mapping[str, Any]
) -> Iterator[str]:
    region: Any = settings.get("region")
    if region and region != graph.region:
        yield f"the provider's region is {region}, the stack's is {graph.region}"
    is_local = resource.stack in LOCAL_STACKS and _is_loopback(settings.get("endpoints"))
    for name in settings:
        value = parsed(settings[name])
        if name in _HARMLESS or value in (None, False, "", [], {}) or is_local:
            continue
        if name in ("id", "urn", "pulumi", "__internal"):  # the engine's own, not settings
            continue
        if name == "allowedAccountIds" and value == [graph.account]:
            continue
        yield f"aws:{name} is set: it redirects calls, skips checks or carries credentials"


def _is_loopback(endpoints: Any) -> bool:
    """Whether all endpoints are on this machine, so that nothing leaves it."""
    urls = [text for _, text in strings(parsed(endpoints)) if text]
    return bool(urls) and all(is_this_machine(str(urlsplit(url).hostname)) for url in urls)


def is_this_machine(host: str) -> bool:
    """Whether a host is the machine itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

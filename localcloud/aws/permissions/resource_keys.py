"""The condition keys that come with a resource: its tags, and what its service says of it."""

from typing import Any

from localcloud.aws.consistency import aliases_in_effect
from localcloud.aws.ministack import Json, backups, functions, roles, tagging


def with_resource_keys(context: Json | None, resource: str) -> Json:
    """A request's condition keys and those of its resource; the request's own go first."""
    return {**_keys_of(resource), **(context or {})}


def _keys_of(resource: str) -> Json:
    service, kind, name = _parts(resource)
    tags: dict[str, str] = _tags_of(resource) or {}
    keys: dict[str, Any] = {f"aws:ResourceTag/{key}": value for key, value in tags.items()}
    match service, kind:
        case "kms", "key":
            keys["kms:ResourceAliases"] = aliases_in_effect(resource)
        case "iam", "role":
            role: Json = roles._roles.get(name) or {}
            boundary = role.get("PermissionsBoundary")
            if boundary:
                keys["iam:PermissionsBoundary"] = boundary
        case "lambda", "event-source-mapping":
            mapping = functions._esms.get(name)
            if mapping:
                keys["lambda:FunctionArn"] = mapping["FunctionArn"]
        case _:
            pass
    return keys


def _tags_of(resource: str) -> Json | None:
    """MiniStack's tags of a resource; it knows those of others elsewhere."""
    service, kind, name = _parts(resource)
    if (service, kind) == ("lambda", "event-source-mapping"):
        mapping: Json = functions._esms.get(name) or {}
        return mapping.get("Tags")
    if service == "cognito-idp":
        found: list[dict[str, str]] = dict(tagging._collect_cognito()).get(resource, [])
        return {each["Key"]: each["Value"] for each in found}
    if service == "backup":
        return _tags_of_backup(resource)
    return tagging.resource_tags(resource)


def _tags_of_backup(resource: str) -> Json | None:
    """Of a vault or a plan; None of one that does not exist, and of every other resource."""
    try:
        return backups._resolve_resource(resource)
    except ValueError:
        return None


def _parts(resource: str) -> tuple[str, str, str]:
    """Service, kind and name: `iam`, `role`, `worker`."""
    _, _, service, *_, rest = [*resource.split(":", 5), *[""] * 3][:6]
    kind, _, name = rest.replace(":", "/", 1).partition("/")
    return service, kind, name

"""Roles and their inline policies."""

from localcloud.provision.provisioner import (
    Clients,
    Properties,
    from_key_values,
    key_values,
    to_api,
)

_ROLE = {
    "name": "RoleName",
    "assumeRolePolicy": "AssumeRolePolicyDocument",
    "description": "Description",
    "maxSessionDuration": "MaxSessionDuration",
    "path": "Path",
    "permissionsBoundary": "PermissionsBoundary",
}


def create_role(clients: Clients, declared: Properties) -> str:
    """CreateRole."""
    clients("iam").create_role(**to_api(declared, _ROLE), Tags=key_values(declared.get("tags", {})))
    return declared["name"]


def update_role(clients: Clients, name: str, declared: Properties, old: Properties) -> None:
    """UpdateAssumeRolePolicy, Put- or DeleteRolePermissionsBoundary and UpdateRole."""
    iam = clients("iam")

    def differs(*properties: str) -> bool:
        return any(declared.get(each) != old.get(each) for each in properties)

    if differs("assumeRolePolicy"):
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=declared["assumeRolePolicy"])
    if differs("permissionsBoundary"):
        boundary = declared.get("permissionsBoundary")
        if boundary:
            iam.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=boundary)
        else:
            iam.delete_role_permissions_boundary(RoleName=name)
    options = ("description", "maxSessionDuration")
    if differs(*options):
        given = {option: declared[option] for option in options if option in declared}
        iam.update_role(RoleName=name, **to_api(given, _ROLE))


def delete_role(clients: Clients, name: str, _declared: Properties) -> None:
    """DeleteRole."""
    clients("iam").delete_role(RoleName=name)


def read_role(clients: Clients, name: str, _declared: Properties) -> Properties:
    """GetRole."""
    role = clients("iam").get_role(RoleName=name)["Role"]
    return {
        **{name: role.get(field) for name, field in _ROLE.items()},
        "permissionsBoundary": role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
        "arn": role["Arn"],
        "uniqueId": role["RoleId"],
        "tags": from_key_values(role.get("Tags", [])),
    }


def create_role_policy(clients: Clients, declared: Properties) -> str:
    """PutRolePolicy; the id is `role:name`, as the provider's."""
    clients("iam").put_role_policy(
        RoleName=declared["role"], PolicyName=declared["name"], PolicyDocument=declared["policy"]
    )
    return f"{declared['role']}:{declared['name']}"


def update_role_policy(clients: Clients, _id: str, declared: Properties, _old: Properties) -> None:
    """PutRolePolicy."""
    create_role_policy(clients, declared)


def delete_role_policy(clients: Clients, policy_id: str, _declared: Properties) -> None:
    """DeleteRolePolicy."""
    role, _, name = policy_id.partition(":")
    clients("iam").delete_role_policy(RoleName=role, PolicyName=name)


def read_role_policy(clients: Clients, policy_id: str, _declared: Properties) -> Properties:
    """GetRolePolicy."""
    role, _, name = policy_id.partition(":")
    policy = clients("iam").get_role_policy(RoleName=role, PolicyName=name)
    return {"role": role, "name": name, "policy": policy["PolicyDocument"]}

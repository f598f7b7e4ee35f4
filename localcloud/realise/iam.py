"""Roles and their inline policies."""

from localcloud.realise.realiser import (
    Clients,
    Properties,
    from_key_values,
    key_values,
    renamed,
)

_ROLE = {
    "name": "RoleName",
    "assumeRolePolicy": "AssumeRolePolicyDocument",
    "description": "Description",
    "maxSessionDuration": "MaxSessionDuration",
    "path": "Path",
}


def create_role(clients: Clients, declared: Properties) -> str:
    """CreateRole."""
    clients("iam").create_role(
        **renamed(declared, _ROLE), Tags=key_values(declared.get("tags", {}))
    )
    return declared["name"]


def read_role(clients: Clients, name: str, _declared: Properties) -> Properties:
    """GetRole."""
    role = clients("iam").get_role(RoleName=name)["Role"]
    return {
        **{ours: role.get(theirs) for ours, theirs in _ROLE.items()},
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


def read_role_policy(clients: Clients, policy_id: str, _declared: Properties) -> Properties:
    """GetRolePolicy."""
    role, _, name = policy_id.partition(":")
    policy = clients("iam").get_role_policy(RoleName=role, PolicyName=name)
    return {"role": role, "name": name, "policy": policy["PolicyDocument"]}

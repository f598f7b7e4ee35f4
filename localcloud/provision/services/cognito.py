"""User pools, their clients and groups."""

from localcloud.provision.provisioner import (
    Clients,
    Properties,
    capitalised,
    from_api,
    to_api,
    uncapitalised,
)

_POOL = {
    "name": "PoolName",
    "accountRecoverySetting": "AccountRecoverySetting",
    "adminCreateUserConfig": "AdminCreateUserConfig",
    "aliasAttributes": "AliasAttributes",
    "autoVerifiedAttributes": "AutoVerifiedAttributes",
    "deletionProtection": "DeletionProtection",
    "mfaConfiguration": "MfaConfiguration",
    "userPoolAddOns": "UserPoolAddOns",
    "userPoolTier": "UserPoolTier",
    "usernameAttributes": "UsernameAttributes",
    "usernameConfiguration": "UsernameConfiguration",
    "tags": "UserPoolTags",
}
_CLIENT = {
    "name": "ClientName",
    "userPoolId": "UserPoolId",
    "explicitAuthFlows": "ExplicitAuthFlows",
    "generateSecret": "GenerateSecret",
    "preventUserExistenceErrors": "PreventUserExistenceErrors",
    "accessTokenValidity": "AccessTokenValidity",
    "idTokenValidity": "IdTokenValidity",
    "refreshTokenValidity": "RefreshTokenValidity",
    "tokenValidityUnits": "TokenValidityUnits",
    "enableTokenRevocation": "EnableTokenRevocation",
    "supportedIdentityProviders": "SupportedIdentityProviders",
    "allowedOauthFlows": "AllowedOAuthFlows",
    "allowedOauthFlowsUserPoolClient": "AllowedOAuthFlowsUserPoolClient",
    "allowedOauthScopes": "AllowedOAuthScopes",
    "callbackUrls": "CallbackURLs",
    "logoutUrls": "LogoutURLs",
}
_GROUP = {
    "name": "GroupName",
    "userPoolId": "UserPoolId",
    "description": "Description",
    "precedence": "Precedence",
}
_FIXED = ("name", "aliasAttributes", "usernameAttributes", "usernameConfiguration")
"""Properties that a pool keeps from its creation."""
_TAGS_ARE_DATA = ("tags",)


def create_pool(clients: Clients, declared: Properties) -> str:
    """CreateUserPool."""
    return clients("cognito-idp").create_user_pool(**_pool_options(declared))["UserPool"]["Id"]


def update_pool(clients: Clients, pool_id: str, declared: Properties, _old: Properties) -> None:
    """UpdateUserPool, which resets omitted properties to their defaults."""
    clients("cognito-idp").update_user_pool(UserPoolId=pool_id, **_pool_options(declared, _FIXED))


def delete_pool(clients: Clients, pool_id: str, _declared: Properties) -> None:
    """DeleteUserPool."""
    clients("cognito-idp").delete_user_pool(UserPoolId=pool_id)


def read_pool(clients: Clients, pool_id: str, _declared: Properties) -> Properties:
    """DescribeUserPool; `endpoint` is the host and path of the pool's issuer."""
    pool = clients("cognito-idp").describe_user_pool(UserPoolId=pool_id)["UserPool"]
    region = pool_id.partition("_")[0]
    held = from_api({**pool, "PoolName": pool["Name"]}, _POOL)
    return {
        **{name: value if name == "tags" else uncapitalised(value) for name, value in held.items()},
        "passwordPolicy": uncapitalised(pool.get("Policies", {}).get("PasswordPolicy", {})),
        "arn": pool["Arn"],
        "endpoint": f"cognito-idp.{region}.amazonaws.com/{pool_id}",
    }


def create_client(clients: Clients, declared: Properties) -> str:
    """CreateUserPoolClient."""
    options = to_api({**declared, **capitalised_values(declared)}, _CLIENT)
    return clients("cognito-idp").create_user_pool_client(**options)["UserPoolClient"]["ClientId"]


def update_client(clients: Clients, client_id: str, declared: Properties, _old: Properties) -> None:
    """UpdateUserPoolClient."""
    changed = {name: value for name, value in declared.items() if name != "generateSecret"}
    clients("cognito-idp").update_user_pool_client(
        ClientId=client_id, **to_api(capitalised_values(changed), _CLIENT)
    )


def delete_client(clients: Clients, client_id: str, declared: Properties) -> None:
    """DeleteUserPoolClient."""
    clients("cognito-idp").delete_user_pool_client(
        UserPoolId=declared["userPoolId"], ClientId=client_id
    )


def read_client(clients: Clients, client_id: str, declared: Properties) -> Properties:
    """DescribeUserPoolClient."""
    client = clients("cognito-idp").describe_user_pool_client(
        UserPoolId=declared["userPoolId"], ClientId=client_id
    )["UserPoolClient"]
    return {
        **uncapitalised(from_api(client, _CLIENT)),
        "generateSecret": "ClientSecret" in client,
        "clientSecret": client.get("ClientSecret", ""),
    }


def create_group(clients: Clients, declared: Properties) -> str:
    """CreateGroup; the id is `pool/group`, as the provider's."""
    clients("cognito-idp").create_group(**to_api(declared, _GROUP))
    return f"{declared['userPoolId']}/{declared['name']}"


def update_group(clients: Clients, group_id: str, declared: Properties, _old: Properties) -> None:
    """UpdateGroup, which MiniStack has not: another group of the same name and members."""
    cognito = clients("cognito-idp")
    pool_id, _, name = group_id.partition("/")
    where = {"UserPoolId": pool_id, "GroupName": name}
    pages = cognito.get_paginator("list_users_in_group").paginate(**where)
    members = [user["Username"] for page in pages for user in page["Users"]]
    cognito.delete_group(**where)
    cognito.create_group(**to_api(declared, _GROUP))
    for member in members:
        cognito.admin_add_user_to_group(Username=member, **where)


def delete_group(clients: Clients, group_id: str, _declared: Properties) -> None:
    """DeleteGroup."""
    pool_id, _, name = group_id.partition("/")
    clients("cognito-idp").delete_group(UserPoolId=pool_id, GroupName=name)


def read_group(clients: Clients, group_id: str, _declared: Properties) -> Properties:
    """GetGroup."""
    pool_id, _, name = group_id.partition("/")
    group = clients("cognito-idp").get_group(UserPoolId=pool_id, GroupName=name)["Group"]
    return from_api(group, _GROUP)


def capitalised_values(properties: Properties) -> Properties:
    """The properties, with API names in their values."""
    return {name: capitalised(value) for name, value in properties.items()}


def _pool_options(declared: Properties, without: tuple[str, ...] = ()) -> Properties:
    given = {name: value for name, value in declared.items() if name not in without}
    nested = {name: value for name, value in given.items() if name not in _TAGS_ARE_DATA}
    options = to_api({**given, **capitalised_values(nested)}, _POOL)
    if password := declared.get("passwordPolicy"):
        options["Policies"] = {"PasswordPolicy": capitalised(password)}
    return options

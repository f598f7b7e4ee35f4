"""User pools, their clients and groups."""

from localcloud.realise.realiser import (
    Clients,
    Properties,
    capitalised,
    named_back,
    renamed,
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
_TAGS_ARE_DATA = ("tags",)


def create_pool(clients: Clients, declared: Properties) -> str:
    """CreateUserPool."""
    nested = {name: value for name, value in declared.items() if name not in _TAGS_ARE_DATA}
    options = renamed({**declared, **capitalised_values(nested)}, _POOL)
    if password := declared.get("passwordPolicy"):
        options["Policies"] = {"PasswordPolicy": capitalised(password)}
    return clients("cognito-idp").create_user_pool(**options)["UserPool"]["Id"]


def read_pool(clients: Clients, pool_id: str, _declared: Properties) -> Properties:
    """DescribeUserPool; `endpoint` is the host and path of the pool's issuer."""
    pool = clients("cognito-idp").describe_user_pool(UserPoolId=pool_id)["UserPool"]
    region = pool_id.partition("_")[0]
    held = named_back({**pool, "PoolName": pool["Name"]}, _POOL)
    return {
        **{name: value if name == "tags" else uncapitalised(value) for name, value in held.items()},
        "passwordPolicy": uncapitalised(pool.get("Policies", {}).get("PasswordPolicy", {})),
        "arn": pool["Arn"],
        "endpoint": f"cognito-idp.{region}.amazonaws.com/{pool_id}",
    }


def create_client(clients: Clients, declared: Properties) -> str:
    """CreateUserPoolClient."""
    options = renamed({**declared, **capitalised_values(declared)}, _CLIENT)
    return clients("cognito-idp").create_user_pool_client(**options)["UserPoolClient"]["ClientId"]


def read_client(clients: Clients, client_id: str, declared: Properties) -> Properties:
    """DescribeUserPoolClient."""
    client = clients("cognito-idp").describe_user_pool_client(
        UserPoolId=declared["userPoolId"], ClientId=client_id
    )["UserPoolClient"]
    return {
        **uncapitalised(named_back(client, _CLIENT)),
        "generateSecret": "ClientSecret" in client,
        "clientSecret": client.get("ClientSecret", ""),
    }


def create_group(clients: Clients, declared: Properties) -> str:
    """CreateGroup; the id is `pool/group`, as the provider's."""
    clients("cognito-idp").create_group(**renamed(declared, _GROUP))
    return f"{declared['userPoolId']}/{declared['name']}"


def read_group(clients: Clients, group_id: str, _declared: Properties) -> Properties:
    """GetGroup."""
    pool_id, _, name = group_id.partition("/")
    group = clients("cognito-idp").get_group(UserPoolId=pool_id, GroupName=name)["Group"]
    return named_back(group, _GROUP)


def capitalised_values(properties: Properties) -> Properties:
    """The same properties, with API names inside of their values."""
    return {name: capitalised(value) for name, value in properties.items()}

"""The demo users, in the stack's Cognito user pool."""

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError

from localcloud.cluster.state import CloudState, CloudUser
from localcloud.errors import LocalCloudError

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

DEMO_USER = "hanako"
"""The owner of the demo goals."""

OTHER_USER = "taro"
"""Owns no goal: shows what another user sees of the demo goals."""

ADMIN = "admin"
ADMIN_GROUP = "admin"


@dataclass(frozen=True)
class _DemoUser:
    full_name: str
    groups: tuple[str, ...] = ()


_USERS = {
    DEMO_USER: _DemoUser("山田 花子"),
    OTHER_USER: _DemoUser("鈴木 太郎"),
    ADMIN: _DemoUser("管理者", (ADMIN_GROUP,)),
}


def full_name(name: str) -> str:
    """A demo user's full name, as the product shows it."""
    return _USERS[name].full_name


def create_users(client: "CognitoIdentityProviderClient", pool_id: str) -> dict[str, CloudUser]:
    """Create the demo users with random passwords; returns them by name."""
    return {name: _create(client, pool_id, name, user) for name, user in _USERS.items()}


@dataclass(frozen=True)
class CognitoTokens:
    """The tokens of a user who has signed in."""

    id: str
    access: str
    refresh: str


def id_token(state: CloudState, name: str = DEMO_USER) -> str:
    """The ID token of a demo user. Raises LocalCloudError."""
    return sign_in(state, name).id


def sign_in(state: CloudState, name: str) -> CognitoTokens:
    """Sign a demo user in as the web client does. Raises LocalCloudError."""
    user = state.users.get(name)
    if user is None:
        raise LocalCloudError(f"There is no user {name!r}: {', '.join(sorted(state.users))}")
    try:
        answer = state.client("cognito-idp").initiate_auth(
            ClientId=state.user_pool_client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": user.email, "PASSWORD": user.password},
        )
    except BotoCoreError as error:
        raise LocalCloudError(f"Cognito does not answer, see `status`: {error}") from error
    result = answer["AuthenticationResult"]
    return CognitoTokens(result["IdToken"], result["AccessToken"], result["RefreshToken"])


def _create(
    client: "CognitoIdentityProviderClient", pool_id: str, name: str, user: _DemoUser
) -> CloudUser:
    email = f"{name}@example.com"
    # with one character of every kind that a password policy may require
    password = f"{secrets.token_urlsafe(18)}aA1!"
    created = client.admin_create_user(
        UserPoolId=pool_id,
        Username=email,
        MessageAction="SUPPRESS",
        UserAttributes=[
            {"Name": "email", "Value": email},
            {"Name": "email_verified", "Value": "true"},
        ],
    )["User"]
    client.admin_set_user_password(
        UserPoolId=pool_id, Username=email, Password=password, Permanent=True
    )
    for group in user.groups:
        client.admin_add_user_to_group(UserPoolId=pool_id, Username=email, GroupName=group)
    attributes = {each["Name"]: each.get("Value", "") for each in created.get("Attributes", [])}
    return CloudUser(id=attributes["sub"], email=email, password=password, groups=user.groups)

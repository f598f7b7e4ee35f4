"""Settings of the user pool and its clients."""

import re
from collections.abc import Iterator
from typing import Any

from policies.conventions import MIN_PASSWORD_CHARACTERS
from policies.policy import resource_policy
from policies.rules.expected.settings import Right, Table, between, one_of, wrong_settings
from policies.stack import resource_types
from policies.stack.resource_graph import Resource

_GROUP = "aws:cognito/userGroup:UserGroup"
_FLOWS = frozenset(
    {
        "ALLOW_REFRESH_TOKEN_AUTH",
        "ALLOW_USER_SRP_AUTH",
        "ALLOW_USER_AUTH",
        "ALLOW_USER_PASSWORD_AUTH",  # over TLS, for scripts and the smoke test
    }
)
_WITHOUT_PASSWORD = frozenset({"ALLOW_USER_SRP_AUTH", "ALLOW_USER_AUTH"})
"""Flows in which a client need not send the password."""


def _is_email(values: Any) -> bool:
    return list(values or ()) == ["email"]


def _is_by_email(mechanisms: Any) -> bool:
    return all(each["name"] in ("admin_only", "verified_email") for each in mechanisms or ())


def _are_flows(values: Any) -> bool:
    if values is None:
        return True  # refresh, SRP, and a custom flow, which needs triggers of one's own
    flows = set(values)
    sign_ins = flows - {"ALLOW_REFRESH_TOKEN_AUTH"}
    return flows <= _FLOWS and bool(sign_ins & _WITHOUT_PASSWORD) and flows != sign_ins


SETTINGS: Table = {
    resource_types.USER_POOL: (
        Right("usernameAttributes", _is_email, "[email]", "people sign in by their address"),
        one_of(
            "usernameConfiguration.caseSensitive",
            [None, False],
            "two users could have one address",
        ),
        Right(
            "lambdaConfig",
            lambda value: not value,
            "absent",
            "a trigger writes the claims that the API trusts, or lets a sign-in through",
        ),
        Right(
            "accountRecoverySetting.recoveryMechanisms",
            _is_by_email,
            "by verified_email or admin_only, or absent",
            "a password is set anew by a number that nobody has verified",
        ),
        Right("autoVerifiedAttributes", _is_email, "[email]", "anybody's address could be claimed"),
        between("passwordPolicy.minimumLength", MIN_PASSWORD_CHARACTERS, 99, "Cognito's limit"),
        *(
            one_of(f"passwordPolicy.require{kind}", [True], "passwords can be guessed")
            for kind in ("Lowercase", "Uppercase", "Numbers")
        ),
        between("passwordPolicy.temporaryPasswordValidityDays", 1, 7, "an unread e-mail lets in"),
    ),
    resource_types.USER_POOL_CLIENT: (
        Right(
            "explicitAuthFlows",
            _are_flows,
            f"of {', '.join(sorted(_FLOWS))}: refresh, and one of"
            f" {', '.join(sorted(_WITHOUT_PASSWORD))}",
            "others let an administrator sign users in, or want the password itself",
        ),
        Right(
            "writeAttributes[]",
            lambda name: not re.match("custom:|dev:", name) and not name.endswith("_verified"),
            "one of Cognito's own, and none that says what is verified",
            "users write it themselves, and no claim of it can be trusted",
        ),
        one_of(
            "generateSecret",
            [None, False],
            "a client in a browser cannot keep it, and each sign-in without it is refused",
        ),
    ),
    _GROUP: (one_of("roleArn", [None], "its members would get AWS credentials of a role"),),
}


_MINUTES = {"seconds": 1 / 60, "minutes": 1, "hours": 60, "days": 1440}
_MAX_TOKEN_MINUTES = 240
"""A token is valid until it expires, also that of a user who was removed; Cognito's default is an
hour, its limit a day."""


def _long_tokens(client: Resource) -> Iterator[str]:
    for token in ("accessToken", "idToken"):
        amount: Any = client.read(f"{token}Validity")
        unit = client.read("tokenValidityUnits", token) or "hours"
        is_long = (amount or 1) * _MINUTES.get(str(unit), 0) > _MAX_TOKEN_MINUTES
        if is_long:
            yield (
                f"{token}Validity is {amount or 1:g} {unit}, at most {_MAX_TOKEN_MINUTES} minutes"
                " are needed: whoever was removed stays in so long"
            )


@resource_policy(
    "expected-users",
    on=SETTINGS,
    risk="Passwords can be guessed, or somebody signs in under another's address.",
    fix="Give the setting the value that the message names.",
    source="Amazon Cognito Developer Guide: passwords, authentication flows; OWASP ASVS 2.1",
)
def user_settings(resource: Resource) -> Iterator[str]:
    """Names, verified addresses, passwords and flows are as the product needs them."""
    for provider in resource.items("supportedIdentityProviders"):
        if provider != "COGNITO":
            yield f"supportedIdentityProviders has {provider}: the product's users are COGNITO's"
    if resource.type == resource_types.USER_POOL_CLIENT:
        yield from _long_tokens(resource)
    if not resource.read("allowedOauthFlows"):  # sign-in over OAuth 2.0 uses no such flow
        yield from wrong_settings(resource, SETTINGS)

"""Tokens that must be refused: forged from real ones, or issued by Cognito for other uses."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from localcloud.cluster.users import DEMO_USER, CognitoTokens, id_token
from localcloud.run.http_calls import exchange
from tests.workflow.stage import Stage

PASSWORD = "Correct-Horse-9"


@dataclass(frozen=True)
class Attack:
    """An Authorization header in place of the owner's."""

    name: str
    authorization: Callable[[Stage, CognitoTokens], str | None]


def _encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def _part(token: str, number: int) -> Any:
    text = token.split(".")[number]
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def _header(token: str, **changes: Any) -> str:
    return _encoded(json.dumps({**_part(token, 0), **changes}).encode())


def _unsigned(token: str) -> str:
    return f"{_header(token, alg='none')}.{token.split('.')[1]}."


def _signed_with_public_key(stage: Stage, token: str) -> str:
    """HS256 with the pool's public key: valid for a verifier that trusts the token's algorithm."""
    url = f"{stage.state.endpoint}/{stage.state.user_pool_id}/.well-known/jwks.json"
    keys = exchange("GET", url).json()["keys"]
    key: Any = jwt.PyJWK(next(each for each in keys if each["kid"] == _part(token, 0)["kid"])).key
    secret = key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    signed = f"{_header(token, alg='HS256')}.{token.split('.')[1]}"
    return f"{signed}.{_encoded(hmac.digest(secret, signed.encode(), hashlib.sha256))}"


def _another_signature(token: str) -> str:
    header, payload, signature = token.split(".")
    return f"{header}.{payload}.{'A' * len(signature)}"


def _signed_with_own_key(token: str) -> str:
    """Signed with the attacker's key, which the header contains under the pool's key id."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    own = json.loads(RSAAlgorithm.to_jwk(key.public_key()))
    headers = {"kid": _part(token, 0)["kid"], "jwk": own}
    return jwt.encode(_part(token, 1), key, "RS256", headers)


def _promoted(token: str) -> str:
    """The owner as an admin, with the old signature."""
    header, _, signature = token.split(".")
    claims = {**_part(token, 1), "cognito:groups": ["admin"]}
    return f"{header}.{_encoded(json.dumps(claims).encode())}.{signature}"


def _with_header(token: str, **changes: Any) -> str:
    """Another header before the old claims, signed with the attacker's key."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return jwt.encode(_part(token, 1), key, "RS256", {**_part(token, 0), **changes})


def _with_claims(token: str, **changes: Any) -> str:
    """Other claims with the old signature."""
    header, _, signature = token.split(".")
    claims = {**_part(token, 1), **changes}
    return f"{header}.{_encoded(json.dumps(claims).encode())}.{signature}"


def _rewritten(header: bytes, token: str) -> str:
    """Another header, as bytes, before the old claims and signature."""
    return ".".join([_encoded(header), *token.split(".")[1:]])


def _expired(stage: Stage) -> str:
    """A real token that has expired: the client's ID tokens are valid for one second meanwhile."""
    cognito = stage.state.client("cognito-idp")
    client = {
        "UserPoolId": stage.state.user_pool_id,
        "ClientId": stage.state.user_pool_client_id,
    }
    described = cognito.describe_user_pool_client(**client)["UserPoolClient"]
    # an update removes settings that it does not contain
    kept = {name: described[name] for name in ("ClientName", "ExplicitAuthFlows")}

    def set_validity(value: int, unit: str) -> None:
        validity = {"IdTokenValidity": value, "TokenValidityUnits": {"IdToken": unit}}
        cognito.update_user_pool_client(**client, **kept, **validity)

    set_validity(1, "seconds")
    try:
        token = id_token(stage.state, DEMO_USER)
    finally:
        set_validity(1, "hours")
    claims = _part(token, 1)
    assert claims["exp"] - claims["iat"] == 1
    time.sleep(max(claims["exp"] + 1 - time.time(), 0))
    return token


def _of_another_pool(stage: Stage) -> str:
    cognito = stage.state.client("cognito-idp")
    pool_id = cognito.create_user_pool(PoolName=f"other-user-{uuid4()}")["UserPool"]["Id"]
    cognito.admin_create_user(
        UserPoolId=pool_id, Username="other-user@example.com", MessageAction="SUPPRESS"
    )
    cognito.admin_set_user_password(
        UserPoolId=pool_id, Username="other-user@example.com", Password=PASSWORD, Permanent=True
    )
    return _signed_in(stage, pool_id, "other-user@example.com", PASSWORD)


def _of_another_client(stage: Stage) -> str:
    owner = stage.state.users[DEMO_USER]
    return _signed_in(stage, stage.state.user_pool_id, owner.email, owner.password)


def _signed_in(stage: Stage, pool_id: str, name: str, password: str) -> str:
    """The ID token of a user, from a new client."""
    cognito = stage.state.client("cognito-idp")
    client_id = cognito.create_user_pool_client(
        UserPoolId=pool_id,
        ClientName=f"other-{uuid4()}",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )["UserPoolClient"]["ClientId"]
    answer = cognito.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": name, "PASSWORD": password},
    )
    return answer["AuthenticationResult"]["IdToken"]


ATTACKS = (
    Attack("no token", lambda _stage, _tokens: None),
    Attack("empty", lambda _stage, _tokens: ""),
    Attack("basic", lambda _stage, _tokens: "Basic aGFuYWtvOmhhbmFrbw=="),
    Attack("garbage", lambda _stage, _tokens: "Bearer x.y.z"),
    Attack("alg none", lambda _stage, tokens: f"Bearer {_unsigned(tokens.id)}"),
    Attack(
        "HS256 with the public key",
        lambda stage, tokens: f"Bearer {_signed_with_public_key(stage, tokens.id)}",
    ),
    Attack("forged signature", lambda _stage, tokens: f"Bearer {_another_signature(tokens.id)}"),
    Attack(
        "a key of one's own", lambda _stage, tokens: f"Bearer {_signed_with_own_key(tokens.id)}"
    ),
    Attack("claims changed", lambda _stage, tokens: f"Bearer {_promoted(tokens.id)}"),
    Attack("expired", lambda stage, _tokens: f"Bearer {_expired(stage)}"),
    Attack("of another pool", lambda stage, _tokens: f"Bearer {_of_another_pool(stage)}"),
    Attack("of another client", lambda stage, _tokens: f"Bearer {_of_another_client(stage)}"),
    Attack("not valid yet", lambda _, tokens: f"Bearer {_with_claims(tokens.id, nbf=2**40)}"),
    Attack("valid for ever", lambda _, tokens: f"Bearer {_with_claims(tokens.id, exp=2**40)}"),
    Attack("more scopes", lambda _, tokens: f"Bearer {_with_claims(tokens.access, scope='admin')}"),
    Attack("no scopes", lambda _, tokens: f"Bearer {_with_claims(tokens.access, scope='')}"),
    Attack("as access token", lambda _, t: f"Bearer {_with_claims(t.id, token_use='access')}"),
    Attack("another subject", lambda _, tokens: f"Bearer {_with_claims(tokens.id, sub='admin')}"),
    Attack("kid of a file", lambda _, t: f"Bearer {_with_header(t.id, kid='../../dev/null')}"),
    Attack("kid of SQL", lambda _, t: f"Bearer {_with_header(t.id, kid=chr(39) + ' OR 1=1 --')}"),
    Attack("kid unknown", lambda _, tokens: f"Bearer {_with_header(tokens.id, kid='other')}"),
    Attack(
        "keys from elsewhere",
        lambda _, t: f"Bearer {_with_header(t.id, jku='https://evil.example', x5u='x')}",
    ),
    Attack("header is a list", lambda _, tokens: f"Bearer {_rewritten(b'[]', tokens.id)}"),
    Attack("header is null", lambda _, tokens: f"Bearer {_rewritten(b'null', tokens.id)}"),
    Attack("header has no kid", lambda _, t: f"Bearer {_rewritten(b'{}', t.id)}"),
    Attack("four parts", lambda _, tokens: f"Bearer {tokens.id}.x"),
    Attack("huge", lambda _, tokens: f"Bearer {_with_claims(tokens.id, fill='x' * 5_000)}"),
    Attack("refresh token", lambda _stage, tokens: f"Bearer {tokens.refresh}"),
)

"""The embedded gateway's authorizer and tokens whose signature is the pool's own.

AWS's authorizer is AWS's; this one must not let pass what AWS's documentation refuses
(API Gateway Developer Guide, JWT authorizers), or tests against it would prove nothing.
"""

import asyncio
import hmac
import json
import time
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from jwt.algorithms import RSAAlgorithm
from jwt.utils import base64url_encode

from localcloud.aws import http_api
from localcloud.aws.ministack import gateway

ISSUER = "https://cognito-idp.ap-northeast-1.amazonaws.com/ap-northeast-1_pool"
CLIENT = "client"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
AUTHORIZER = {
    "identitySource": ["$request.header.Authorization"],
    "jwtConfiguration": {"issuer": ISSUER, "audience": [CLIENT]},
}
NOW = int(time.time())  # at collection, many minutes before the last test of a whole run
CLAIMS = {
    "sub": "user",
    "iss": ISSUER,
    "aud": CLIENT,
    "exp": NOW + 3_600,
    "iat": NOW - 10,
    "token_use": "id",
}


def signed(key: Any = KEY, kid: Any = "pool", **changes: Any) -> str:
    claims = {name: value for name, value in {**CLAIMS, **changes}.items() if value is not ...}
    header = base64url_encode(json.dumps({"alg": "RS256", "kid": kid}).encode())
    body = base64url_encode(json.dumps(claims).encode())
    signature = RSAAlgorithm(RSAAlgorithm.SHA256).sign(header + b"." + body, key)
    return b".".join([header, body, base64url_encode(signature)]).decode()


@pytest.fixture(autouse=True)
def pool(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pool's public key, as its JWKS document has it."""
    jwk: Any = json.loads(RSAAlgorithm.to_jwk(KEY.public_key()))

    async def url(_: Any) -> str:
        return "https://pool.invalid/jwks.json"

    async def keys(_: Any) -> dict[str, Any]:
        return {"keys": [{**jwk, "kid": "pool", "alg": "RS256", "use": "sig"}]}

    monkeypatch.setattr(gateway, "_resolve_jwks_url", url)
    monkeypatch.setattr(gateway, "_fetch_jwks", keys)


def claims_of(authorization: str) -> Any:
    """The claims that the gateway would pass on; None if it refuses."""
    headers = {"authorization": authorization}
    passed, _, refusal = asyncio.run(http_api.validate_token({}, AUTHORIZER, headers, {}))
    assert (passed is None) == (refusal is not None)
    if refusal is not None:
        assert refusal[0] == 401
    return passed


@pytest.mark.parametrize("claims", [{}, {"aud": ..., "client_id": CLIENT, "token_use": "access"}])
def test_an_honest_token_passes(claims: dict[str, Any]) -> None:
    assert claims_of(f"Bearer {signed(**claims)}")["sub"] == "user"


REFUSED = {
    "expired": {"exp": NOW - 1},
    "expired long ago": {"exp": 0},
    "expires never, as a text": {"exp": "never"},
    "expires as a list": {"exp": [2**40]},
    "expires at null": {"exp": None},
    "expires at an endless number": {"exp": float("nan")},
    "not valid yet": {"nbf": NOW + 3_000},
    "issued in the future": {"iat": NOW + 3_000},
    "of another issuer": {"iss": "https://evil.example"},
    "of another pool": {"iss": ISSUER + "2"},
    "of no issuer": {"iss": ...},
    "of another client": {"aud": "other"},
    "of a client like ours": {"aud": CLIENT + " "},
    "of no client": {"aud": ...},
    "of a client in a list of others": {"aud": ["other"]},
    "a refresh token": {"token_use": "refresh"},
}


@pytest.mark.parametrize("claims", REFUSED.values(), ids=list(REFUSED))
def test_a_token_of_the_pool_that_is_not_for_now_and_here_is_refused(
    claims: dict[str, Any],
) -> None:
    assert claims_of(f"Bearer {signed(**claims)}") is None


@pytest.mark.parametrize(
    "kid", ["other", "", "../pool", "pool\0", "POOL", None, 0, [], {}, ["pool"]]
)
def test_a_key_id_of_another_kind_is_refused(kid: Any) -> None:
    assert claims_of(f"Bearer {signed(kid=kid)}") is None


def test_the_signature_of_another_key_is_refused() -> None:
    assert claims_of(f"Bearer {signed(OTHER_KEY)}") is None


@pytest.mark.parametrize("part", [0, 1])
@pytest.mark.parametrize("text", ["[]", "null", "1", '"x"', "{}", "", "{", "\ud800", "[" * 9_000])
def test_a_token_of_other_json_is_refused(part: int, text: str) -> None:
    parts = signed().split(".")
    parts[part] = base64url_encode(text.encode(errors="surrogatepass")).decode()
    assert claims_of(f"Bearer {'.'.join(parts)}") is None


def test_an_unsigned_token_is_refused_whatever_its_algorithm_is_called() -> None:
    for name in ("none", "None", "NONE", "nOnE", "", "HS256", "RS512", "ES256"):
        header, body, _ = signed().split(".")
        header = base64url_encode(json.dumps({"alg": name, "kid": "pool"}).encode()).decode()
        assert claims_of(f"Bearer {header}.{body}.") is None


def test_a_token_of_another_algorithm_with_the_public_key_as_its_secret_is_refused() -> None:
    public = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    header = base64url_encode(json.dumps({"alg": "HS256", "kid": "pool"}).encode())
    signed_part = header + b"." + signed().split(".")[1].encode()
    signature = base64url_encode(hmac.digest(public, signed_part, "sha256"))
    assert claims_of(f"Bearer {(signed_part + b'.' + signature).decode()}") is None


def test_two_tokens_in_one_header_are_no_token() -> None:
    honest, forged = signed(), signed(OTHER_KEY, sub="victim")
    for pair in (f"Bearer {forged}, Bearer {honest}", f"Bearer {honest},Bearer {forged}"):
        passed = claims_of(pair)
        assert passed is None or passed["sub"] == "user"


@given(st.text() | st.text("eyJhbGciOi.-_=ABC019 ,").map(lambda text: f"Bearer {text}"))
def test_any_other_text_is_refused_and_no_fault(text: str) -> None:
    assert claims_of(text) is None

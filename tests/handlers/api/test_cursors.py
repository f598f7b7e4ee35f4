"""A cursor is valid for its caller, its list and one day."""

import base64
import json
from datetime import timedelta

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.api import cursors
from handlers.api.cursors import CursorScope, InvalidCursorError, seal, signing_key, unseal
from handlers.contract.clock import utc_now
from handlers.storage.execution_queries import Position

SECRET = "a secret that has other uses too"
KEY = signing_key(SECRET)
SCOPE = CursorScope("user-a", "/workflows", {"status": "FAILED", "since": None, "until": None})
POSITION = Position("0192f3c9-7d1e-7abc-8def-0123456789ab", "2026-11")
CLAIMS = {
    "sub": SCOPE.user_id,
    "aud": SCOPE.digest,
    "exp": utc_now() + timedelta(hours=1),
    "after": None,
    "bucket": None,
}


@given(st.builds(Position, st.none() | st.text(), st.none() | st.text()))
def test_a_cursor_unseals_to_the_position_that_was_sealed(position: Position) -> None:
    assert unseal(seal(position, SCOPE, KEY), SCOPE, KEY) == position


@pytest.mark.parametrize(
    "other",
    [
        CursorScope("user-b", SCOPE.route, SCOPE.filters),
        CursorScope(SCOPE.user_id, "/workflows of all", SCOPE.filters),
        CursorScope(SCOPE.user_id, SCOPE.route, {**SCOPE.filters, "status": None}),
        CursorScope(SCOPE.user_id, SCOPE.route, {**SCOPE.filters, "until": "2026-11-24T00:00:00Z"}),
    ],
)
def test_another_caller_or_list_cannot_use_a_cursor(other: CursorScope) -> None:
    with pytest.raises(InvalidCursorError):
        unseal(seal(POSITION, SCOPE, KEY), other, KEY)


def test_a_cursor_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cursors, "LIFETIME", timedelta(seconds=-1))
    with pytest.raises(InvalidCursorError, match="Expired"):
        unseal(seal(POSITION, SCOPE, KEY), SCOPE, KEY)


def test_a_cursor_signed_with_another_key_or_the_secret_is_refused() -> None:
    with pytest.raises(InvalidCursorError):
        unseal(seal(POSITION, SCOPE, signing_key(SECRET + "!")), SCOPE, KEY)
    with pytest.raises(InvalidCursorError):
        unseal(jwt.encode(CLAIMS, SECRET, "HS256"), SCOPE, KEY)


@pytest.mark.parametrize("left_out", ["sub", "aud", "exp"])
def test_a_cursor_without_one_of_its_claims_is_refused(left_out: str) -> None:
    claims = {name: value for name, value in CLAIMS.items() if name != left_out}
    with pytest.raises(InvalidCursorError):
        unseal(jwt.encode(claims, KEY, "HS256"), SCOPE, KEY)


def test_an_unsigned_or_differently_signed_cursor_is_refused() -> None:
    claims = {**CLAIMS, "exp": 4102444800}
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    header = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').decode().rstrip("=")
    for cursor in (
        f"{header}.{payload}.",
        jwt.encode(CLAIMS, None, "none"),  # pyright: ignore[reportArgumentType]
        jwt.encode(CLAIMS, KEY * 2, "HS512"),
    ):
        with pytest.raises(InvalidCursorError):
            unseal(cursor, SCOPE, KEY)


def test_a_changed_cursor_is_refused() -> None:
    header, payload, signature = seal(POSITION, SCOPE, KEY).split(".")
    other = seal(Position("elsewhere"), SCOPE, KEY).split(".")[1]
    for cursor in (f"{header}.{other}.{signature}", f"{header}.{payload}.", "", "...", "あ"):
        with pytest.raises(InvalidCursorError):
            unseal(cursor, SCOPE, KEY)


@given(st.text())
def test_any_other_text_is_no_cursor(text: str) -> None:
    with pytest.raises(InvalidCursorError):
        unseal(text, SCOPE, KEY)


def test_the_cursor_key_is_derived_by_rfc_5869() -> None:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    info = b"goal-mandala workflow cursor v1"
    assert HKDF(SHA256(), 32, salt=None, info=info).derive(SECRET.encode()) == KEY

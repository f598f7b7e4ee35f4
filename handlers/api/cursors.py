"""Cursors: where a list goes on, signed, and good only for the caller and the list it came from."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import jwt

from handlers.contract.clock import utc_now
from handlers.storage.execution_queries import Position

LIFETIME = timedelta(hours=24)

_ALGORITHM = "HS256"
_PURPOSE = b"goal-mandala workflow cursor v1"


class InvalidCursorError(Exception):
    """Not a cursor of ours, expired, or of another caller or list."""


@dataclass(frozen=True)
class Scope:
    """What a cursor is bound to: the caller, the route, and everything the list was filtered by."""

    user_id: str
    route: str
    filters: Mapping[str, str | None]

    @property
    def digest(self) -> str:
        """Route and filters in fixed length."""
        text = json.dumps([self.route, sorted(self.filters.items())])
        return hashlib.sha256(text.encode()).hexdigest()


def signing_key(secret: str) -> bytes:
    """32 bytes for cursors alone, out of a secret that has other uses.

    HKDF-SHA-256 (RFC 5869) without salt and of one block, which takes two HMACs: too little to
    carry `cryptography` (10 MB) into every function for.
    """
    extracted = hmac.digest(bytes(hashlib.sha256().digest_size), secret.encode(), "sha256")
    return hmac.digest(extracted, _PURPOSE + b"\x01", "sha256")


def seal(position: Position, scope: Scope, key: bytes) -> str:
    """The cursor for a position."""
    claims = {
        "sub": scope.user_id,
        "aud": scope.digest,
        "exp": utc_now() + LIFETIME,
        "after": position.after,
        "bucket": position.bucket,
    }
    return jwt.encode(claims, key, _ALGORITHM)


def unseal(cursor: str, scope: Scope, key: bytes) -> Position:
    """The position in a cursor. Raises InvalidCursorError."""
    try:
        claims = jwt.decode(
            cursor,
            key,
            [_ALGORITHM],
            audience=scope.digest,
            subject=scope.user_id,
            options={"require": ["sub", "aud", "exp"]},
        )
    except jwt.InvalidTokenError as error:
        raise InvalidCursorError(type(error).__name__) from error
    return Position(claims["after"], claims["bucket"])

"""Cursors: signed positions in a list, valid only for the caller and the list they came from."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

import jwt

from handlers.contract.clock import utc_now
from handlers.contract.environment import StatusVariables, read
from handlers.runtime.clients import QUICK, client
from handlers.storage.execution_queries import Position

LIFETIME = timedelta(hours=24)

_ALGORITHM = "HS256"
_PURPOSE = b"goal-mandala workflow cursor v1"


class InvalidCursorError(Exception):
    """The cursor is expired, of another caller or list, or no cursor at all."""


@dataclass(frozen=True)
class CursorScope:
    """What a cursor is valid for: the caller, the route and the filters of the list."""

    user_id: str
    route: str
    filters: Mapping[str, str | None]

    @property
    def digest(self) -> str:
        """A digest of route and filters, in fixed length."""
        text = json.dumps([self.route, sorted(self.filters.items())])
        return hashlib.sha256(text.encode()).hexdigest()


def signing_key(secret: str) -> bytes:
    """32 bytes for cursors alone, derived from a secret that has other uses.

    This is HKDF-SHA-256 (RFC 5869) without salt and with one block: two HMACs. `cryptography`
    would add 10 MB to every function.
    """
    extracted = hmac.digest(bytes(hashlib.sha256().digest_size), secret.encode(), "sha256")
    return hmac.digest(extracted, _PURPOSE + b"\x01", "sha256")


def seal(position: Position, scope: CursorScope, key: bytes) -> str:
    """The cursor for a position."""
    claims = {
        "sub": scope.user_id,
        "aud": scope.digest,
        "exp": utc_now() + LIFETIME,
        "after": position.after,
        "bucket": position.bucket,
    }
    return jwt.encode(claims, key, _ALGORITHM)


def unseal(cursor: str, scope: CursorScope, key: bytes) -> Position:
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


@cache
def cursor_key() -> bytes:
    """The key of this stack's cursors. Its secret is read only when a list needs it."""
    secret_arn = read(StatusVariables).JWT_SECRET_ARN
    secret = client("secretsmanager", QUICK).get_secret_value(SecretId=secret_arn)
    return signing_key(secret["SecretString"])

"""The caller of a request, from the claims that the HTTP API's JWT authorizer passes on."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from handlers.contract.routes import ADMIN_GROUP

_LIST = re.compile(r"\[(.*)\]")


@dataclass(frozen=True)
class Caller:
    """The user behind a request.

    user_id: the token's `sub`, which is `users.id`.
    is_admin: a member of `admin` may watch all executions but change only their own.
    """

    user_id: str
    is_admin: bool = False

    def may_watch(self, user_id: str) -> bool:
        """Whether the caller may see a user's executions."""
        return self.is_admin or self.owns(user_id)

    def owns(self, user_id: str) -> bool:
        """Whether the caller is that user."""
        return self.user_id == user_id


def caller_of(claims: Mapping[str, Any]) -> Caller:
    """The caller in the claims, which the gateway has verified; KeyError without `sub`."""
    return Caller(claims["sub"], ADMIN_GROUP in _groups(claims.get("cognito:groups", "")))


def _groups(claim: object) -> list[str]:
    # The gateway turns the token's list into text, "[admin users]". A group's name has no space.
    text = " ".join(map(str, claim)) if isinstance(claim, list) else str(claim)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    listed = _LIST.fullmatch(text)
    return (listed[1] if listed else text).split()

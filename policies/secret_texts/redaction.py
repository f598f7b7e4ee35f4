"""A message without the secrets that it would repeat: a path may hold one as a key of a map."""

import re

from policies.secret_texts.forms import secret_forms
from policies.secret_texts.shapes import looks_like_secret

HIDDEN = "(a secret)"

_ASSIGNED = re.compile(r"(password\s*=\s*)\S+", re.IGNORECASE)


def redacted(message: str) -> str:
    """The message with HIDDEN in place of each word that is or holds a secret."""
    for form in sorted({form for _, form in secret_forms()}, key=len, reverse=True):
        message = message.replace(form, HIDDEN)
    message = _ASSIGNED.sub(rf"\1{HIDDEN}", message)
    words = re.split(r"(\s+)", message)
    return "".join(HIDDEN if looks_like_secret(each) else each for each in words)

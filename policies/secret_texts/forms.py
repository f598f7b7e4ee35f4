"""The values that the stack's configuration marks secret, in the forms that a text may hold."""

import base64
import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any
from urllib.parse import quote, quote_plus, unquote, urlsplit

import pulumi.runtime

from policies.stack.resource_graph import strings

_MIN_CHARACTERS = 6
"""Shorter values, such as `app`, stand in other texts by chance."""


def secret_forms() -> frozenset[tuple[str, str]]:
    """(configuration key, a form of its value), for each form that must not be found."""
    config: Mapping[str, str] = pulumi.runtime.get_config_env()
    secret_keys: Any = pulumi.runtime.get_config_secret_keys_env()
    return _forms_of_all(*((key, config[key]) for key in sorted(secret_keys) if key in config))


def keys_in(text: str, forms: frozenset[tuple[str, str]]) -> set[str]:
    """The configuration keys whose value, or a part of it, a text holds."""
    return {key for key, form in forms if form in text}


@cache
def _forms_of_all(*settings: tuple[str, str]) -> frozenset[tuple[str, str]]:
    return frozenset(
        (key, form)
        for key, value in settings
        for part in _parts(value)
        if len(part) >= _MIN_CHARACTERS
        for form in _encodings(part)
    )


def _parts(value: str) -> Iterator[str]:
    """The value, and what is secret of a URL, of a libpq DSN or of JSON."""
    yield value
    try:
        parsed: Any = json.loads(value)
    except ValueError:
        parsed = None
    if isinstance(parsed, dict | list):
        for _, text in strings(parsed):
            yield from _parts(text)
    for word in value.split():
        name, _, password = word.partition("=")
        if name.lower() in ("password", "sslpassword"):
            yield password.strip("'")
    try:
        url = urlsplit(value)
        has_user = bool(url.password)
    except ValueError:
        return
    if has_user:
        yield url.password or ""
        yield f"{url.password}:{url.username}"
    elif url.scheme in ("http", "https"):  # a webhook: its path is its password
        yield url.path.strip("/")
        yield url.path.rpartition("/")[2]


def _encodings(text: str) -> Iterator[str]:
    for plain in {text, unquote(text)}:
        yield from (plain, plain[::-1], quote(plain, safe=""), quote_plus(plain))
        yield json.dumps(plain)[1:-1]
        raw = plain.encode()
        yield from (raw.hex(), raw.hex().upper())
        for shift in range(3):  # where the text begins within base64's groups of three bytes
            encoded = base64.b64encode(b"\0" * shift + raw).decode().rstrip("=")
            whole = encoded[(0, 2, 3)[shift] : -1]
            yield from (whole, whole.translate(str.maketrans("+/", "-_")))

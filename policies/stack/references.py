"""What a string refers to: ARNs, accounts, URLs, hosts, regions, people's addresses and numbers."""

import json
import re
import zlib
from base64 import urlsafe_b64decode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Address, IPv6Address
from typing import Any, cast
from urllib.parse import unquote, urlsplit

from policies.pulumi_policy_internals import UnknownValueError

Path = tuple[str, ...]


@dataclass(frozen=True)
class Text:
    """A string inside a property, at any depth, also inside JSON text.

    path: the property, then keys and indexes. is_key: it is the key of an object.
    """

    path: Path
    value: str
    is_key: bool = False


@dataclass(frozen=True)
class Reference:
    """A part of a string; kind: arn, account, url, host, email, phone or region."""

    kind: str
    text: str


def texts(value: Any, path: Path = ()) -> Iterator[Text]:
    """Every string in a value; JSON text is parsed, unknown values are left out.

    The resources of a Deny statement are left out too: it opens nothing.
    """
    if isinstance(value, str):
        parsed = _json(value)
        if parsed is None:
            yield Text(path, value)
        else:
            yield from texts(parsed, path)
    elif isinstance(value, Mapping):
        holder = cast("Mapping[str, Any]", value)
        try:
            is_deny = holder.get("Effect") == "Deny"
        except UnknownValueError:
            is_deny = False
        for key in holder:
            if is_deny and key in ("Resource", "NotResource"):
                continue
            if path:  # the properties' own names are the schema's
                yield Text((*path, key), key, is_key=True)
            yield from texts_at(holder, key, path)
    elif isinstance(value, Sequence) and not isinstance(value, bytes):
        for index in range(len(value)):  # pyright: ignore[reportUnknownArgumentType]
            yield from texts_at(value, index, path)


def texts_at(holder: Any, key: Any, path: Path = ()) -> Iterator[Text]:
    """Every string in a value at a key or index, as `texts`; none if the value is unknown."""
    try:
        inner = holder[key]
    except UnknownValueError:
        return
    yield from texts(inner, (*path, str(key)))


def _json(text: str) -> Any:
    """The object, list or string that a text is JSON of; None if it is none."""
    if not text.lstrip().startswith(("{", "[", '"')):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


_UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE)
_URL = re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s\"'<>()\\^`{}|,;]*", re.IGNORECASE)
_ARN = re.compile(r"\barn:(?=[\w*$-])(?:\$\{[^}]*\}|[^\s\"'<>{}\\^`,;()\[\]])+")
_ACCOUNT = re.compile(r"(?<![0-9A-Za-z])\d{12}(?![0-9A-Za-z])")
_EMAIL = re.compile(r"[\w.+-]+@(?:[\w-]+\.)+[a-z]{2,}\b", re.IGNORECASE)
_ADDRESS = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])")
_LABELS = r"(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9])?\.)+"
_HOST = re.compile(
    rf"(?<![\w@.$-]){_LABELS}(?:ai|app|aws|biz|cloud|co|com|dev|edu|gov|io|mil|net|org|xyz)"
    r"(?![\w-]|\.\w)(?:/[^\s\"'<>,;)]*)?",
    re.IGNORECASE,
)
_WHOLE_HOST = re.compile(
    rf"{_LABELS}(?!md\b|py\b|sh\b)(?:[a-z]{{2}}|info|link|live|online|page|pro|run|site|store|tech|top)"
    r"(?::\d+)?(?:/\S*)?",
    re.IGNORECASE,
)
"""A string that is nothing but a host: here any country's domain counts, which in a longer text
would be the end of a file's or a field's name."""
_HOST_AND_PORT = re.compile(
    r"\[[0-9a-f:]+\]:\d{2,5}|(?![\d.]+:)[a-z0-9](?:[\w-]*\w)?(?:\.[\w-]+)*:\d{2,5}", re.IGNORECASE
)
"""A string that is nothing but a host and a port: then the host needs no known domain."""
_HOST_AND_PATH = re.compile(rf"{_LABELS}[a-z]{{2,}}(?::\d+)?/\S*", re.IGNORECASE)
"""A string that is nothing but a host and a path: then any domain counts."""
_REGION = re.compile(r"(?:af|ap|ca|cn|eu|il|me|mx|sa|us|us-gov)-[a-z]+-\d[a-f]?")


_PHONE = re.compile(r"\+\d{8,15}")


_HEXADECIMAL = re.compile(r"(?:[0-9a-f]{2}){8,}", re.IGNORECASE)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_MAX_NESTED = 3
_MAX_UNPACKED = 100_000
"""Bytes that are read of a compressed text."""


@cache
def references(text: str) -> tuple[Reference, ...]:
    """All references in a text, also in its URL-decoded and its base64-decoded form.

    They are kept: most texts of a stack are in more than one place.
    """
    forms = dict.fromkeys((text, unquote(text), *decoded(text)))
    return tuple(each for form in forms for each in _references(form))


def decoded(text: str, depth: int = _MAX_NESTED) -> Iterator[str]:
    """The text without hexadecimal, base64 and compression, also one in the other."""
    for raw in _raw(text) if depth else ():
        try:
            inner = raw.decode("ascii")
        except UnicodeDecodeError:
            continue
        yield inner
        yield from decoded(inner, depth - 1)


def _raw(text: str) -> Iterator[bytes]:
    if _HEXADECIMAL.fullmatch(text):
        yield bytes.fromhex(text)
    if _BASE64.fullmatch(text):
        try:
            raw = urlsafe_b64decode(text.translate(_URL_SAFE) + "==")
        except ValueError:
            return
        yield raw
        try:
            # 47: zlib or gzip, as its head says
            yield zlib.decompressobj(47).decompress(raw, _MAX_UNPACKED)
        except zlib.error:
            return


_URL_SAFE = str.maketrans("+/", "-_")


def _references(text: str) -> Iterator[Reference]:
    if _REGION.fullmatch(text):
        yield Reference("region", text)
        return
    if _PHONE.fullmatch(text):
        yield Reference("phone", text)
        return
    if "." not in text and ":" not in text:  # most strings: only an account id can be in it
        yield from _accounts(text)
        return
    for kind, form in (("url", _URL), ("arn", _ARN), ("email", _EMAIL)):
        for found in form.findall(text):
            yield Reference(kind, found.rstrip(".") if kind == "url" else found)
        text = form.sub(" ", text)
    yield from _accounts(text)
    for found in _ADDRESS.findall(text):
        if _is_public(found):
            yield Reference("host", found)
    stripped = text.strip()
    is_whole = _WHOLE_HOST.fullmatch(stripped) or _HOST_AND_PATH.fullmatch(stripped)
    hosts = [stripped] if is_whole or _is_public_v6(stripped) else _HOST.findall(text)
    if not hosts and _HOST_AND_PORT.fullmatch(stripped):
        hosts = [stripped]
    yield from (Reference("host", found) for found in hosts)


def _accounts(text: str) -> Iterator[Reference]:
    for found in _ACCOUNT.findall(_UUID.sub(" ", text)):
        yield Reference("account", found)


def _is_public(address: str) -> bool:
    try:
        return IPv4Address(address).is_global
    except ValueError:
        return False


def _is_public_v6(text: str) -> bool:
    try:
        return text.count(":") > 1 and IPv6Address(text.strip("[]")).is_global
    except ValueError:
        return False


def host_and_path(url: str) -> tuple[str, str]:
    """The host of a URL, without user and port, and its path with query and fragment."""
    try:
        found = urlsplit(url if "://" in url else f"//{url}")
        host = str(found.hostname or "")
    except ValueError:
        return "", url
    query = f"?{found.query}" if found.query else ""
    return host, found.path + query + (f"#{found.fragment}" if found.fragment else "")

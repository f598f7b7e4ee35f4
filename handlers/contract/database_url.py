"""A DATABASE_URL, in Prisma's form or libpq's, as what libpq is to be given: read by hand.

libpq refuses Prisma's parameters, and does not stop at what can never work in Lambda. `pulumi up`
reads the URL too, to refuse it before anything is deployed, and has no libpq. No error shows
anything of the URL but names of parameters and listed values: it holds the password.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import unquote

from handlers.contract.url_parameters import PARAMETERS

CERTIFICATES = Path(__file__).parents[1] / "storage" / "certificates"
"""CA files that every function has; a URL's sslrootcert or sslcert names one of them."""

RDS_BUNDLE = "global-bundle.pem"
PUBLIC_CAS = "system"
"""As sslrootcert: the CAs that browsers trust, too (libpq has the same word for them)."""

LONGEST_CONNECT_SECONDS = 10
"""Neon's computes, for one, take some seconds to wake up."""

_LAST_PORT = 65535
_LONGEST_NAME = 63
"""Bytes of a name in PostgreSQL; it would cut a longer one."""

_HOST = re.compile(r"(?:\[(?P<ip>[0-9A-Fa-f:.]+)\]|(?P<name>\w[\w.-]*))(?::(?P<port>\d+))?", re.A)


class DatabaseUrlError(ValueError):
    """The URL cannot work, and why."""


@dataclass(frozen=True)
class DatabaseUrl:
    """What libpq is given, and what each transaction sets.

    parameters: by libpq's keywords; sslrootcert is a path or PUBLIC_CAS.
    schema: the search path of each transaction; None: `options` sets one of its own.
    """

    parameters: Mapping[str, str]
    schema: str | None


def parse(url: str, *, local: bool = False) -> DatabaseUrl:
    """Read a URL. Raises DatabaseUrlError.

    local: the database may be on the same machine, and needs no password.
    """
    address, query = _split(url)
    parameters = _address(address)
    _check_reachable(parameters, local=local)
    given = _parameters(query)
    for name, value in given.items():
        if PARAMETERS[name].handling == "passed":
            parameters[name] = value
    if seconds := given.get("connect_timeout"):
        longest = LONGEST_CONNECT_SECONDS
        parameters["connect_timeout"] = str(min(int(seconds) or longest, longest))
    parameters |= _encryption(given, parameters["host"].split(","))
    return DatabaseUrl(parameters, _path(given))


def _split(url: str) -> tuple[str, str]:
    scheme, _, rest = url.partition("://")
    if scheme not in ("postgresql", "postgres"):
        raise DatabaseUrlError("has to begin with postgresql:// or postgres://")
    if re.search(r"[\s\x00-\x1f\x7f]", rest):
        raise DatabaseUrlError("holds a space or a line break: remove it, or write it as %20")
    if "#" in rest:
        raise DatabaseUrlError("holds a #: write it as %23")
    if re.search(r"%(?![0-9A-Fa-f]{2})", rest):
        raise DatabaseUrlError("holds a % that encodes nothing: write it as %25")
    if "X-Amz-" in rest:
        raise DatabaseUrlError("holds an IAM token, which is good for 15 minutes: use a password")
    address, _, query = rest.partition("?")
    if "@" in address.partition("/")[2] + query:
        raise DatabaseUrlError(
            "holds an @ behind a / or ?: in user and password write / as %2F, ? as %3F, @ as %40"
        )
    return address, query


def _address(address: str) -> dict[str, str]:
    authority, _, database = address.partition("/")
    credentials, _, hosts = authority.rpartition("@")
    user, _, password = credentials.partition(":")
    if "/" in database:
        raise DatabaseUrlError("holds more than a database's name behind the host: / is %2F in it")
    found = [_HOST.fullmatch(host) for host in hosts.split(",")] if hosts else []
    matches = [match for match in found if match]
    ports = [match["port"] or "" for match in matches]
    if len(matches) < len(found) or any(port and not 0 < int(port) <= _LAST_PORT for port in ports):
        raise DatabaseUrlError("host or port cannot be read: host:port, [IPv6]:port, or a,b,c")
    parts = {
        "host": ",".join(match["ip"] or match["name"] for match in matches),
        "port": ",".join(ports).strip(",") and ",".join(ports),
        "dbname": _decoded(database),
        "user": _decoded(user),
        "password": _decoded(password),
    }
    return {name: value for name, value in parts.items() if value}


def _check_reachable(address: Mapping[str, str], *, local: bool) -> None:
    for name, what in {"host": "host", "dbname": "database", "user": "user"}.items():
        if name not in address:
            raise DatabaseUrlError(f"names no {what}: postgresql://user:password@host/database")
    if local:
        return
    if "password" not in address:
        raise DatabaseUrlError("has no password, and a function has no other way to sign in")
    if any(map(_is_this_machine, address["host"].split(","))):
        raise DatabaseUrlError("names this machine: a function has no PostgreSQL beside it")


def _is_this_machine(host: str) -> bool:
    try:
        ip = ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return ip.is_loopback or ip.is_unspecified


def _parameters(query: str) -> dict[str, str]:
    given: dict[str, str] = {}
    for piece in filter(None, query.split("&")):
        name, equals, text = piece.partition("=")
        if not equals or not re.fullmatch(r"[A-Za-z_]{1,40}", name):
            raise DatabaseUrlError("holds a parameter without name or value: ?name=value&...")
        if name in given:
            raise DatabaseUrlError(f"parameter {name} stands there twice")
        given[name] = _decoded(text.replace("+", " "))
        _check_parameter(name, given[name])
    return {name: value for name, value in given.items() if value}


def _check_parameter(name: str, value: str) -> None:
    parameter = PARAMETERS.get(name)
    if parameter is None:
        known = sorted(each for each, one in PARAMETERS.items() if one.handling != "refused")
        raise DatabaseUrlError(f"parameter {name} is unknown; known are {', '.join(known)}")
    if parameter.handling == "refused":
        raise DatabaseUrlError(f"parameter {name} is not supported: {parameter.why}")
    if value and parameter.is_number and not re.fullmatch(r"\d{1,9}", value, re.A):
        raise DatabaseUrlError(f"parameter {name} has to be a number")
    if value and parameter.values and value not in parameter.values:
        raise DatabaseUrlError(f"parameter {name} has to be {' or '.join(parameter.values)}")


def _path(given: Mapping[str, str]) -> str | None:
    own = "search_path" in given.get("options", "")
    schema = given.get("schema")
    if own and schema:
        raise DatabaseUrlError("schema, or a search_path in options, but not both")
    if schema and len(schema.encode()) > _LONGEST_NAME:
        raise DatabaseUrlError(f"parameter schema has more than {_LONGEST_NAME} bytes")
    return None if own else schema or "public"


def _encryption(given: Mapping[str, str], hosts: list[str]) -> dict[str, str]:
    """sslmode and sslrootcert: Prisma's sslaccept and sslcert in libpq's words."""
    default = "prefer" if all(map(_is_this_machine, hosts)) else "require"
    mode = given.get("sslmode", default)
    accept = given.get("sslaccept")
    if accept == "strict":
        if mode == "disable":
            raise DatabaseUrlError("sslmode=disable, but sslaccept=strict: one of them")
        mode = "verify-full"
    verifies = mode.startswith("verify-")
    if accept == "accept_invalid_certs":
        if verifies:
            raise DatabaseUrlError(
                f"sslmode={mode}, but sslaccept=accept_invalid_certs: one of them"
            )
        return {"sslmode": mode}  # with a CA beside it, libpq's require would verify
    named = {given[name] for name in ("sslcert", "sslrootcert") if name in given}
    if len(named) > 1:
        raise DatabaseUrlError("sslcert and sslrootcert name two CAs: one of them")
    ca = named.pop() if named else _usual_ca(hosts) if verifies else ""
    if ca == PUBLIC_CAS and mode != "verify-full":
        raise DatabaseUrlError(
            f"sslmode={mode} takes any certificate of a public CA: use verify-full, or name the CA"
        )
    return {"sslmode": mode, **({"sslrootcert": _ca_file(ca)} if ca else {})}


def _usual_ca(hosts: list[str]) -> str:
    # An RDS Proxy (name.proxy-id.region.rds.amazonaws.com) has its certificate from ACM.
    named = [host.lower() for host in hosts]
    are_instances = all(
        host.endswith(".rds.amazonaws.com") and ".proxy-" not in host for host in named
    )
    return RDS_BUNDLE if are_instances else PUBLIC_CAS


def _ca_file(name: str) -> str:
    if name == PUBLIC_CAS:
        return name
    # by its name alone: Prisma's path is relative to a folder that is not there
    path = CERTIFICATES / name.replace("\\", "/").rpartition("/")[2]
    if path.suffix != ".pem" or not path.is_file():
        there = ", ".join(sorted(each.name for each in CERTIFICATES.glob("*.pem")))
        raise DatabaseUrlError(
            f"sslrootcert or sslcert names a CA file that no function has: put it into"
            f" handlers/storage/certificates (there: {there}), or name {PUBLIC_CAS}"
        )
    return str(path)


def _decoded(text: str) -> str:
    try:
        decoded = unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise DatabaseUrlError("holds percent-encoded bytes that are no UTF-8") from None
    if "\0" in decoded:
        raise DatabaseUrlError("holds %00, which PostgreSQL takes nowhere")
    return decoded

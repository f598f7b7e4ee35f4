"""A real PgBouncer in transaction mode that ignores no start-up parameter."""

import ipaddress
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST, USER, PASSWORD = "pooler.example", "postgres", "秘密 @/?#"

_CONFIGURATION = """
[databases]
* = host=127.0.0.1 port={server}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {folder}/users
pool_mode = transaction
default_pool_size = {pool_size}
ignore_startup_parameters =
client_tls_sslmode = allow
client_tls_key_file = {folder}/key.pem
client_tls_cert_file = {folder}/certificate.pem
"""


@dataclass(frozen=True)
class PgBouncer:
    """A running pooler; `ca` is the file of the CA that its certificate is of."""

    port: int
    ca: Path

    def url(self, database: str, query: str) -> str:
        """A DATABASE_URL as outside the local stack; its host's name is looked up nowhere."""
        password = quote(PASSWORD, safe="")
        return (
            f"postgresql://{USER}:{password}@{HOST}:{self.port}/{database}"
            f"?hostaddr=127.0.0.1&{query}"
        )


@contextmanager
def pgbouncer(folder: Path, server_port: int, *, pool_size: int = 2) -> Generator[PgBouncer]:
    """Run one in front of the PostgreSQL at a port; skips the test where there is none to run."""
    binary = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if binary is None:
        pytest.skip("no PgBouncer on this machine (Debian: apt-get install pgbouncer)")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    _certify(folder)
    (folder / "users").write_text(f'"{USER}" "{PASSWORD}"\n')
    (folder / "pgbouncer.ini").write_text(
        _CONFIGURATION.format(server=server_port, port=port, folder=folder, pool_size=pool_size)
    )
    as_nobody = ["-u", "nobody"] if os.geteuid() == 0 else []
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [binary, *as_nobody, str(folder / "pgbouncer.ini")], stdout=log, stderr=log
        )
    try:
        _wait_until_it_listens(port, process, folder / "log")
        yield PgBouncer(port, folder / "ca.pem")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)


def _wait_until_it_listens(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(200):
        if process.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"PgBouncer does not listen: {log.read_text()[-2000:]}")


def _certify(folder: Path) -> None:
    """Write ca.pem, and key.pem and certificate.pem of HOST."""
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca, host = _name("a test's CA"), _name(HOST)
    names = x509.SubjectAlternativeName(
        [x509.DNSName(HOST), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    )
    is_ca = x509.BasicConstraints(ca=True, path_length=None)
    root = _certificate(ca, ca, ca_key).add_extension(is_ca, critical=True)
    leaf = _certificate(host, ca, key).add_extension(names, critical=False)
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(root.sign(ca_key, hashes.SHA256()).public_bytes(pem))
    (folder / "certificate.pem").write_bytes(leaf.sign(ca_key, hashes.SHA256()).public_bytes(pem))
    (folder / "key.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
    )

"""The audit finds a vulnerable pin, in any lock, and says when it could not ask."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from checks.supply_chain import audit
from checks.supply_chain.audit import FOUND, LOCKS, NOT_RUN
from declared.program import ROOT

VULNERABLE = ("jinja2", "2.10")
ADVISORY = {
    "id": "GHSA-462w-v97r-4m45",
    "aliases": ["CVE-2019-10906"],
    "summary": "Jinja2 sandbox escape via string formatting",
    "modified": "2024-11-18T16:26:08Z",
    "published": "2019-04-10T14:30:24Z",
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "jinja2"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.10.1"}]}],
        }
    ],
}
PINNED = "jinja2=={version} \\\n    --hash=sha256:" + "0" * 64 + "\n"


class Osv(BaseHTTPRequestHandler):
    """OSV's API with one advisory (google.github.io/osv.dev/post-v1-query)."""

    asked: list[tuple[str, str]]

    def do_POST(self) -> None:
        query: Any = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        pin = (query["package"]["name"], query["version"])
        self.asked.append(pin)
        answer = json.dumps({"vulns": [ADVISORY]} if pin == VULNERABLE else {}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:
        """Standard error is for the tests."""


@pytest.fixture
def osv() -> Iterator[str]:
    """The URL of an advisory service."""
    Osv.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Osv)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1/query"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_vulnerable_pin_is_found_and_named(
    osv: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = tmp_path / "planted.txt"
    lock.write_text(PINNED.format(version="2.10"))

    assert audit.main([str(lock), "--osv-url", osv]) == FOUND
    printed = capsys.readouterr().out
    assert "jinja2" in printed
    assert "CVE-2019-10906" in printed


def test_the_version_that_mends_it_passes(osv: str, tmp_path: Path) -> None:
    lock = tmp_path / "mended.txt"
    lock.write_text(PINNED.format(version="3.1.6"))

    assert audit.main([str(lock), "--osv-url", osv]) == 0
    assert Osv.asked == [("jinja2", "3.1.6")]


def test_every_package_of_a_functions_lock_is_asked_for(osv: str) -> None:
    lock = ROOT / "requirements" / "lambda-database.txt"

    assert audit.main([str(lock), "--osv-url", osv]) == 0
    pins = {line.partition(" ")[0] for line in lock.read_text().splitlines() if "==" in line}
    assert {"==".join(pin) for pin in Osv.asked} == pins


def test_an_audit_that_cannot_ask_does_not_pass(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = tmp_path / "lock.txt"
    lock.write_text(PINNED.format(version="3.1.6"))

    assert audit.main([str(lock), "--osv-url", "http://127.0.0.1:1/v1/query"]) == NOT_RUN
    assert "Not run" in capsys.readouterr().out


def test_all_locks_are_audited() -> None:
    assert {lock.stem for lock in LOCKS} >= {
        "dev", "lambda-core", "lambda-database", "operators", "policies", "program", "uv",
    }  # fmt: skip

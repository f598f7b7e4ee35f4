"""Known vulnerabilities of the locked packages: pip-audit over every lock, by OSV's advisories."""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from declared.program import ROOT

LOCKS = tuple(sorted((ROOT / "requirements").glob("*.txt")))
OSV = "https://api.osv.dev/v1/query"
FOUND, NOT_RUN = 1, 2


def audit(lock: Path, osv_url: str = OSV) -> "subprocess.CompletedProcess[str]":
    """Run pip-audit on a lock, without resolving anything: the lock's versions and hashes hold."""
    command = [
        str(Path(sys.executable).with_name("pip-audit")),
        *("--requirement", str(lock), "--require-hashes", "--disable-pip", "--strict"),
        *("--vulnerability-service", "osv", "--osv-url", osv_url),
        *("--progress-spinner", "off", "--desc", "on"),
    ]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def main(arguments: Sequence[str]) -> int:
    """Print each lock's vulnerabilities. Exit status 1 if there are any, 2 if nothing was asked."""
    parser = argparse.ArgumentParser(
        prog="python -m checks.supply_chain.audit", description=__doc__
    )
    parser.add_argument("locks", nargs="*", type=Path, default=LOCKS, metavar="LOCK")
    parser.add_argument("--osv-url", default=OSV, help="of a mirror (default: %(default)s)")
    options = parser.parse_args(arguments)
    status = 0
    for lock in options.locks:
        done = audit(lock, options.osv_url)
        if "ConnectionError" in done.stderr:
            print(f"Not run: {options.osv_url} cannot be reached from this machine.")
            return NOT_RUN
        print(f"{lock.name}: {(done.stdout + done.stderr).strip()}")
        status = FOUND if done.returncode else status
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

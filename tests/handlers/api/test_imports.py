"""Watching runs from the zip without a database driver."""

import subprocess
import sys

WITHOUT = """
import sys
for absent in ("psycopg", "cryptography"):
    sys.modules[absent] = None
import handlers.workflow_status, jwt
"""


def test_watching_needs_neither_a_database_driver_nor_cryptography() -> None:
    subprocess.run([sys.executable, "-W", "error", "-c", WITHOUT], check=True, timeout=60)

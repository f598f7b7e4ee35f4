"""Entry of `python -m localcloud`: finds a Python that has the packages, then hands over."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

_NEEDED = ("boto3", "ministack", "psutil", "psycopg", "pulumi", "pydantic", "rich")
_VENV_PYTHON = Path(__file__).resolve().parent.parent / ".venv" / "bin" / "python"


def _with_packages() -> None:
    """Go on under the checkout's own Python if this one lacks a package."""
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if not missing:
        return
    venv = _VENV_PYTHON.parent.parent
    if Path(sys.prefix).resolve() == venv or not _VENV_PYTHON.exists():
        sys.exit(
            f"The local cloud needs packages that are not there ({', '.join(missing)}): "
            "run `make local` first, it installs them."
        )
    os.execv(_VENV_PYTHON, [str(_VENV_PYTHON), "-m", "localcloud", *sys.argv[1:]])  # noqa: S606


if __name__ == "__main__":
    _with_packages()
    from localcloud.cli import main

    sys.exit(main(sys.argv[1:]))

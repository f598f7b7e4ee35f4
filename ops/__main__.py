"""Entry of `python -m ops`: continues in the checkout's virtual environment if need be."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

_REQUIRED = ("boto3", "pulumi", "pydantic", "rich", "typer", "yaml")
_VENV_PYTHON = Path(__file__).resolve().parent.parent / ".venv" / "bin" / "python"


def _ensure_packages() -> None:
    """Replace this process by the virtual environment's Python if a package is missing here."""
    missing = [name for name in _REQUIRED if find_spec(name) is None]
    if not missing:
        return
    venv = _VENV_PYTHON.parent.parent
    if Path(sys.prefix).resolve() == venv.resolve() or not _VENV_PYTHON.exists():
        sys.exit(
            f"The operators' commands need packages that are not installed ({', '.join(missing)}): "
            "run `make local` first, it installs them."
        )
    os.execv(_VENV_PYTHON, [str(_VENV_PYTHON), "-m", "ops", *sys.argv[1:]])  # noqa: S606


if __name__ == "__main__":
    try:
        _ensure_packages()
        from ops.cli import main

        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:  # before typer, which has its own answer, or after it
        sys.exit(130)

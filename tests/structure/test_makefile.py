"""The environment that make builds: one that was left half made is made anew."""

import subprocess
from pathlib import Path

import pytest

MAKEFILE = Path(__file__).resolve().parents[2] / "Makefile"

PYTHON = """\
#!/bin/sh
echo "$0 $*" >> "{log}"
case "$*" in
  "-m venv --clear .venv") mkdir -p .venv/bin && cp "$0" .venv/bin/python && touch .venv/pip
    printf '#!/bin/sh\\n' > .venv/bin/uv && chmod +x .venv/bin/uv ;;
  "-m pip --version") test -e .venv/pip ;;
esac
"""
"""Records how it is called; it has pip once `venv` has run to its end."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A checkout with the Makefile and a Python that records its calls."""
    (tmp_path / "Makefile").write_text(MAKEFILE.read_text())
    (tmp_path / "requirements").mkdir()
    for name in ("dev", "uv"):
        (tmp_path / "requirements" / f"{name}.txt").touch()
    python = tmp_path / "python"
    python.write_text(PYTHON.format(log=tmp_path / "log"))
    python.chmod(0o755)
    return tmp_path


def make(folder: Path) -> str:
    command = ["make", "-s", f"PYTHON={folder / 'python'}", ".venv/.installed"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return (folder / "log").read_text()


def test_an_environment_is_made_once(folder: Path) -> None:
    assert make(folder).count("-m venv") == 1
    (folder / "requirements" / "dev.txt").touch()
    assert make(folder).count("-m venv") == 1


def test_an_environment_without_pip_is_made_anew(folder: Path) -> None:
    half_made = folder / ".venv" / "bin" / "python"
    half_made.parent.mkdir(parents=True)
    half_made.write_text((folder / "python").read_text())
    half_made.chmod(0o755)
    assert "-m venv --clear .venv" in make(folder)

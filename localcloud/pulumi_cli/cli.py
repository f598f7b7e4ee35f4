"""The Pulumi CLI: the installed one, or one built from its Go module and kept in the cache."""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

MODULE = Path(__file__).resolve().parent
_PACKAGE = "github.com/pulumi/pulumi/pkg/v3"
_UNUSED = ("github.com/aws/...", "github.com/envoyproxy/...", "github.com/pb33f/...")
"""Packages that serve other backends and Pulumi's own cloud: nothing here runs them, and without
inlining they take little more than half of the time to compile."""
_VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"


class NoEngineError(Exception):
    """There is no Pulumi CLI; the text is one line with the reason."""


def pulumi_cli() -> Path:
    """PULUMI_BIN, else `pulumi` on PATH, else the one that `build` made. Raises NoEngineError."""
    if given := os.environ.get("PULUMI_BIN"):
        if not os.access(given, os.X_OK):
            raise NoEngineError(f"PULUMI_BIN = {given} is no program")
        return Path(given).resolve()
    if installed := shutil.which("pulumi"):
        return Path(installed).resolve()
    if kept().exists():
        return kept()
    raise NoEngineError("no Pulumi CLI is installed and none has been built (`make engine`)")


def build() -> Path:
    """Return the CLI, and build it if there is none: it takes some minutes, once a version.

    Raises NoEngineError without Go, or if the module proxy or the compiler fails.
    """
    try:
        return pulumi_cli()
    except NoEngineError:
        if "PULUMI_BIN" in os.environ:
            raise
    if not (go := shutil.which("go")):
        raise NoEngineError("no Pulumi CLI is installed, nor Go to build one with")
    target = kept()
    target.parent.mkdir(parents=True, exist_ok=True)
    # a CLI without a version refuses every plugin
    flags = f"-s -w -X {_VERSION_VARIABLE}=v{version()}"
    unused = [f"-gcflags={packages}=-l" for packages in _UNUSED]
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        binary = Path(folder) / "pulumi"
        command = [go, "build", "-trimpath", *unused, "-ldflags", flags, "-o", str(binary)]
        environment = {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly"}
        done = subprocess.run(
            [*command, f"{_PACKAGE}/cmd/pulumi"],
            cwd=MODULE,
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode:
            *_, last = ["no error message", *done.stderr.strip().splitlines()]
            raise NoEngineError(f"the Pulumi CLI cannot be built: {last}")
        binary.replace(target)
    return target


def version() -> str:
    """The version in `go.mod`, without `v`."""
    found = re.search(rf"{re.escape(_PACKAGE)} v(\S+)", (MODULE / "go.mod").read_text())
    if not found:
        raise ValueError(f"{MODULE / 'go.mod'} requires no {_PACKAGE}")
    return found[1]


def kept() -> Path:
    """The path at which `build` keeps the CLI."""
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return caches / "goal-mandala" / f"pulumi-{version()}" / "pulumi"

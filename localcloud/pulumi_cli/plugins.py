"""The programs that Pulumi's engine needs: the CLI, the AWS provider, the starter of policy packs.

The engine looks for plugins in the CLI's folder first, so one folder holds them all.
"""

import shlex
import sys
from pathlib import Path

_CHECKOUT = Path(__file__).resolve().parents[2]

AWS_PROVIDER = "localcloud.provision.provider"
"""The module that is the AWS provider on the embedded cloud."""

_PLUGINS = {
    # An engine without a language host for Python starts a pack with this program, in the pack's
    # folder (sdk/go/common/resource/plugin/analyzer_plugin.go, NewPolicyAnalyzer).
    "pulumi-analyzer-policy-python": ("pulumi.policy", ' "$1" "$2"'),
}


def write_plugins(folder: Path, cli: Path, aws_provider: str) -> None:
    """Write the programs to `folder`/bin; aws_provider: the module of the AWS provider."""
    programs = folder / "bin"
    programs.mkdir()
    (programs / "pulumi").symlink_to(cli)
    python, checkout = shlex.quote(sys.executable), shlex.quote(str(_CHECKOUT))
    plugins = {"pulumi-resource-aws": (aws_provider, ""), **_PLUGINS}
    for name, (module, arguments) in plugins.items():
        script = programs / name
        script.write_text(
            f"#!/bin/sh\nPYTHONPATH={checkout} exec {python} -u -m {module}{arguments}\n"
        )
        script.chmod(0o755)

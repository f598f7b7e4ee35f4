"""The only rewrite of a declared resource: a function runs on this machine's Python.

A function is declared for Lambda's Python 3.13 on arm64. The embedded cloud runs it with AWS's
runtime client on this machine's Python. So it gets another runtime and architecture, a package
without the wheels (they are built for another platform, and this Python has the same packages) and
the endpoints of the emulator and of the model server. It has no SnapStart, which only managed
runtimes have: a sandbox here starts anew.
"""

import platform
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pulumi import FileArchive

from localcloud.aws.functions.bootstrap import bootstrap
from localcloud.provision.provisioner import Properties

FUNCTION = "aws:lambda/function:Function"

_ARCHITECTURES = {"aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True)
class LocalRuntime:
    """The environment in which functions run.

    endpoint: endpoint of all AWS services except Bedrock.
    model_endpoint: endpoint of Bedrock, which is the model server.
    packages: folder for the rewritten packages.
    """

    endpoint: str
    model_endpoint: str
    packages: Path

    def rewritten(self, function: Properties) -> Properties:
        """The function as the embedded cloud creates it."""
        variables = function.get("environment", {}).get("variables", {})
        endpoints = {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": self.model_endpoint,
        }
        code = function.get("code")
        package = {"code": FileArchive(str(self._package(Path(code.path))))} if code else {}
        return {
            **{name: value for name, value in function.items() if name != "snapStart"},
            **package,
            "runtime": "provided.al2023",
            "architectures": [_ARCHITECTURES.get(platform.machine(), "x86_64")],
            "environment": {"variables": {**variables, **endpoints}},
        }

    def _package(self, declared: Path) -> Path:
        """A zip with the handlers of the declared one, and a bootstrap for the runtime client."""
        target = self.packages / declared.name
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            with zipfile.ZipFile(target, "w") as package:
                for entry, content in _own_code(declared):
                    package.writestr(entry, content)
                start = zipfile.ZipInfo("bootstrap")
                start.external_attr = 0o755 << 16
                package.writestr(start, bootstrap())
        return target


def _own_code(declared: Path) -> Iterator[tuple[zipfile.ZipInfo, bytes]]:
    """The files of a folder; of a zip only the handlers, without the wheels."""
    if declared.is_dir():
        for file in sorted(declared.rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                name = str(file.relative_to(declared))
                yield zipfile.ZipInfo(name), file.read_bytes()
        return
    with zipfile.ZipFile(declared) as source:
        for entry in source.infolist():
            if entry.filename.startswith("handlers/"):
                yield entry, source.read(entry)

"""The one rewrite between what the program declares and what the embedded cloud runs.

A function is declared for Lambda's Python 3.13 on arm64. Here it runs under AWS's own runtime
client on this machine's Python: another runtime and architecture, a package without the wheels
(which are not for this machine; this Python has the same packages) and the endpoints of the
embedded parts.
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
    """Where functions run.

    endpoint: of all AWS services but the model's.
    packages: folder for the packages as this machine runs them.
    """

    endpoint: str
    model_endpoint: str
    packages: Path

    def rewritten(self, function: Properties) -> Properties:
        """The function that the embedded cloud is to create."""
        variables = function.get("environment", {}).get("variables", {})
        endpoints = {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": self.model_endpoint,
        }
        code = function.get("code")
        package = {"code": FileArchive(str(self._package(Path(code.path))))} if code else {}
        return {
            **function,
            **package,
            "runtime": "provided.al2023",
            "architectures": [_ARCHITECTURES.get(platform.machine(), "x86_64")],
            "environment": {"variables": {**variables, **endpoints}},
        }

    def _package(self, declared: Path) -> Path:
        """The declared zip's own code, and the file that starts the runtime client."""
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
    """The files of a folder, or of one of our zips those that are no wheel's."""
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

"""The bills of materials (CycloneDX) of what runs in Lambda, from the locks that its zips are
built from: every package with its version and the hashes that the packager checks.

Python itself and boto3 are the Lambda runtime's and stand in no lock.
"""

import subprocess
import sys
from pathlib import Path

from declared.program import ROOT

LOCKS = tuple(sorted((ROOT / "requirements").glob("lambda-*.txt")))
FOLDER = ROOT / ".build" / "sbom"


def write(lock: Path, folder: Path) -> Path:
    """Write the bill of a lock, the same bytes for the same lock; returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{lock.stem}.cdx.json"
    tool = Path(sys.executable).with_name("cyclonedx-py")
    options = ["--output-reproducible", "--validate", "--output-file", str(path)]
    subprocess.run([str(tool), "requirements", *options, str(lock)], check=True)
    return path


if __name__ == "__main__":
    for each in LOCKS:
        print(write(each, FOLDER).relative_to(ROOT))

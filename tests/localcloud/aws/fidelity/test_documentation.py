"""docs/embedded-cloud.md names a test for each of its lines."""

import re
from pathlib import Path

from tests.localcloud.emulated import CHECKOUT

FOLDER = Path(__file__).parent


def _tests(*paths: Path) -> set[str]:
    return {
        name for path in paths for name in re.findall(r"^def (test_\w+)", path.read_text(), re.M)
    }


def test_every_test_in_the_document_exists_and_every_gap_is_in_the_document() -> None:
    documented = set(
        re.findall(r"`(test_\w+)`", (CHECKOUT / "docs" / "embedded-cloud.md").read_text())
    )

    assert documented <= _tests(*FOLDER.glob("test_*.py"))
    assert _tests(FOLDER / "test_known_gaps.py") <= documented

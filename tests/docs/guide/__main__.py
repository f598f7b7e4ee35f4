"""Writes docs/operations-guide-lines.md."""

from tests.docs.guide.document import DOCUMENT, document

DOCUMENT.write_text(document(), encoding="utf-8")

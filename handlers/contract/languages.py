"""The operators' two languages."""

from dataclasses import dataclass
from typing import Literal

Language = Literal["ja", "en"]


@dataclass(frozen=True)
class BilingualText:
    """The same text in both languages."""

    en: str
    ja: str

    def in_language(self, language: Language) -> str:
        """The text in one language."""
        return self.ja if language == "ja" else self.en

"""What a benchmark finds: ratios with their spread, tables and sentences. Data only."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """A ratio of two things that were measured side by side; less is better.

    samples: one a seed or round, in the order of measuring. goal: what the median is to reach.
    """

    name: str
    samples: Sequence[float]
    goal: float | None = None

    @property
    def median(self) -> float:
        """Of the samples."""
        return statistics.median(self.samples)

    @property
    def spread(self) -> float:
        """From the lowest to the highest sample, in times of the median; 0 for one sample."""
        return (max(self.samples) - min(self.samples)) / self.median if self.median else 0.0


@dataclass(frozen=True)
class Table:
    """Counts and words beside the ratios, one list of cells a row."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Section:
    """What one benchmark found.

    key: its name on the command line. text: what was measured, and how to read it.
    """

    key: str
    title: str
    text: str
    figures: Sequence[Figure] = ()
    tables: Sequence[Table] = ()

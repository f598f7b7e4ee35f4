"""Resident memory of an embedded cloud's processes over time."""

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean

import psutil

from localcloud.cluster import processes

EMULATOR, DATABASE, FUNCTIONS = "emulator and model server, MB", "PostgreSQL, MB", "functions, MB"
LARGEST, PROCESSES = "largest function, MB", "function processes"
KINDS = (EMULATOR, DATABASE, FUNCTIONS, LARGEST, PROCESSES)


_SAMPLE_SECONDS = 5
_MEGABYTE = 1_000_000


def sample(folder: Path, ended: threading.Event, memory: list[Mapping[str, float]]) -> None:
    """Add the memory of the cloud in a folder every five seconds."""
    while not ended.wait(_SAMPLE_SECONDS):
        memory.append(_megabytes(folder))


def _megabytes(folder: Path) -> dict[str, float]:
    """Resident memory by kind; of the functions' processes the sum, the largest and the number."""
    found: dict[str, float] = dict.fromkeys(KINDS, 0.0)
    for process in processes.find(folder):
        try:
            size = process.memory_info().rss / _MEGABYTE
            is_function = "AWS_LAMBDA_FUNCTION_NAME" in process.environ()
            name = process.name()
        except psutil.Error:
            continue  # It has just ended.
        if is_function:
            found[FUNCTIONS] += size
            found[LARGEST] = max(found[LARGEST], size)
            found[PROCESSES] += 1
        else:
            found[DATABASE if name.startswith("postgres") else EMULATOR] += size
    return found


def mean(memory: Sequence[Mapping[str, float]], part: slice) -> dict[str, float]:
    """The mean of some samples, of all if there are too few."""
    samples = memory[part] or memory
    return {name: fmean(sample[name] for sample in samples) for name in samples[0]}

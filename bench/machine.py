"""Where and when a report was measured: its figures are ratios, and a busy machine spreads them."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import psutil

_CPU_INFO = Path("/proc/cpuinfo")


def machine_facts() -> dict[str, str]:
    """The machine, its load over the last minute, the revision and the time, by name."""
    return {
        "measured at": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "revision": _revision(),
        "processor": f"{os.cpu_count()} x {_processor()}",
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        "processes that wanted a core before (1 minute's mean)": f"{os.getloadavg()[0]:.1f}",
    }


def _processor() -> str:
    lines = _CPU_INFO.read_text().splitlines() if _CPU_INFO.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _revision() -> str:
    command = ["git", "describe", "--always", "--dirty", "--abbrev=12"]
    asked = subprocess.run(command, capture_output=True, text=True, check=False)
    return asked.stdout.strip() or "no git checkout"

"""`python -m bench`: every benchmark, each on an embedded cloud of its own."""

import argparse
import sys

from rich.console import Console

from bench.latency import measure_latency
from bench.makespan import measure_makespan
from bench.preview import measure_previews
from localcloud.errors import LocalCloudError


def main() -> int:
    """Measure and print; 1 if the embedded cloud could not be had."""
    parser = argparse.ArgumentParser("python -m bench", description=__doc__)
    parser.add_argument(
        "--latency", type=float, default=2.0, metavar="SECONDS", help="mean of a model call (2)"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the model server (1)")
    options = parser.parse_args()
    console = Console(highlight=False)
    try:
        lines = [
            *measure_makespan(console, latency_seconds=options.latency, seed=options.seed),
            *measure_latency(console),
            *measure_previews(console),
        ]
    except LocalCloudError as error:
        console.print(str(error))
        return 1
    console.print("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())

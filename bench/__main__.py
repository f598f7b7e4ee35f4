"""`python -m bench`: ratios measured side by side in one run, as one report in docs/bench.

Those that need one share an embedded cloud of this run. `--only` runs some and leaves the other
sections of the report as they are; `--against REV` compares this checkout with another revision,
prints what got worse, ends with 1 if anything did, and leaves the report as it is.
"""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import cache
from pathlib import Path

from rich.console import Console

from bench.against import NoComparisonError, compare_with
from bench.clouds import GetCloud, bench_cloud
from bench.figures import Section
from bench.latency import measure_latency
from bench.machine import machine_facts
from bench.makespan import measure_makespan
from bench.orders import MANY_SEEDS, TEN_SEEDS, measure_orders
from bench.peer_runs.comparison import measure_peers
from bench.preview import measure_previews
from bench.prompt_tokens import measure_prompt_tokens
from bench.report import figure_lines, write_report
from declared.program import ROOT
from localcloud.errors import LocalCloudError

REPORT = ROOT / "docs" / "bench"
NAMES = ("makespan", "orders", "peers", "prompts", "lists", "previews")
_OF_THE_PROGRAM = ("makespan", "prompts", "lists", "previews")
"""Those that another revision can change; the others measure models and other software."""

Benchmarks = Mapping[str, Callable[[Console], Section]]


def benchmarks(cloud: GetCloud, *, quick: bool, latency_seconds: float, seeds: int) -> Benchmarks:
    """Every benchmark by its name, in the report's order. quick: fewer rounds, and no kills."""
    pages, previews = (20, 1) if quick else (60, 3)
    return {
        "makespan": lambda _: measure_makespan(cloud, latency_seconds=latency_seconds, seeds=seeds),
        "orders": lambda _: measure_orders(TEN_SEEDS if quick else MANY_SEEDS),
        "peers": lambda _: measure_peers(
            cloud, latency_seconds=latency_seconds, seeds=seeds, with_kills=not quick
        ),
        "prompts": lambda _: measure_prompt_tokens(cloud),
        "lists": lambda _: measure_latency(cloud, rounds=pages),
        "previews": lambda console: measure_previews(console, rounds=previews),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print and write; 1 if something got worse, 2 if nothing could be measured."""
    options = _parser().parse_args(arguments)
    console = Console(highlight=False)
    try:
        if options.against:
            passed_on = ["--latency", str(options.latency), *(["--quick"] if options.quick else [])]
            only = options.only or _OF_THE_PROGRAM
            comparison = compare_with(options.against, only, passed_on, options.rounds)
            console.print(*comparison.lines, sep="\n", soft_wrap=True)
            return 1 if comparison.worse else 0
        with ExitStack() as stack:
            cloud = cache(lambda: stack.enter_context(bench_cloud(console)))
            known = benchmarks(
                cloud,
                quick=options.quick,
                latency_seconds=options.latency,
                seeds=options.seeds or (1 if options.quick else 3),
            )
            for name in options.only or known:
                facts = machine_facts()
                section = known[name](console)
                write_report(options.out, [(section, facts)], list(known))
                console.print(section.title, *figure_lines(section), sep="\n", soft_wrap=True)
    except (LocalCloudError, NoComparisonError) as error:
        console.print(str(error))
        return 2
    console.print(f"Written: {options.out}/report.md, report.json and the drawings")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m bench", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=NAMES, help="these benchmarks (all)")
    parser.add_argument(
        "--quick", action="store_true", help="fewer seeds and rounds, and no kills: 3 minutes"
    )
    parser.add_argument("--seeds", type=int, help="of latencies (3; 1 if it is to be quick)")
    parser.add_argument("--against", metavar="REV", help="compare with a commit, branch or tag")
    parser.add_argument(
        "--rounds", type=int, default=2, help="of a comparison, both revisions in each (2)"
    )
    parser.add_argument(
        "--latency", type=float, default=2.0, metavar="SECONDS", help="mean of a model call (2)"
    )
    parser.add_argument(
        "--out", type=Path, default=REPORT, metavar="FOLDER", help="of the report (docs/bench)"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())

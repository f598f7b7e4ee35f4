"""Run fault plans on the embedded cloud: `python -m chaos.parts --seeds 10 --first 1`."""

import argparse
import signal
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from chaos.parts.hands import CloudHands
from chaos.parts.injector import FaultInjector
from chaos.parts.ledger import Ledger
from chaos.parts.people import People
from chaos.parts.plan import draw
from chaos.parts.report import Run, lines
from chaos.parts.run import Seeds
from chaos.parts.scene import scene


def main() -> int:
    """0 if every invariant held and enough seeds have hit every cell; else 1."""
    parser = argparse.ArgumentParser("python -m chaos.parts", description=__doc__)
    parser.add_argument("--seeds", type=_positive, default=10, help="how many (default: 10)")
    parser.add_argument("--first", type=int, default=1, help="the first one's number (default: 1)")
    arguments = parser.parse_args()
    console = Console(soft_wrap=True)
    # a shell's background job ignores it otherwise
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="goal-mandala-chaos-") as folder:
        # PostgreSQL's user has to reach its folder
        Path(folder).chmod(0o755)
        result = run(
            Path(folder), console, range(arguments.first, arguments.first + arguments.seeds)
        )
    for line in lines(result):
        console.print(line, highlight=False, markup=False)
    return int(result.has_failed)


def run(folder: Path, console: Console, seeds: range) -> Run:
    """Run seeds on a new cloud in a folder."""
    ledger = Ledger()
    people = People(ledger)
    hands = CloudHands(people)
    injector = FaultInjector(hands)
    people.gateway_refuses = injector.gateway_refuses
    with scene(folder, console, injector, ledger) as found:
        people.enter(found)
        return Seeds(people, hands, injector, console).run(draw(seed) for seed in seeds)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} seeds: at least 1 is needed")
    return number


if __name__ == "__main__":
    sys.exit(main())

"""The options of `run`, checked before anything is started."""

from argparse import ArgumentParser, Namespace
from dataclasses import dataclass
from pathlib import Path

from localcloud.goals.goal import Goal
from localcloud.goals.goal_file import GOALS_FOLDER, GoalFileError, read_goal

DEFAULT_GOAL = GOALS_FOLDER / "marathon.yaml"
DEFAULT_LATENCY_SECONDS = 0.3
MAX_LATENCY_SECONDS = 60.0


class UsageError(Exception):
    """An invalid command line; the text says what is allowed (exit code 2)."""


@dataclass(frozen=True)
class RunOptions:
    """The options of one run.

    goal: the goal to start.
    fail: how many of its actions fail permanently; `seed` chooses which.
    seed, latency_seconds: of the model server; the latency is the mean of a heavy-tailed
        distribution.
    as_json: print one JSON object to standard output, and everything else to standard error.
    """

    goal: Goal
    fail: int = 0
    seed: int = 1
    latency_seconds: float = DEFAULT_LATENCY_SECONDS
    as_json: bool = False


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of `run`."""
    parser.add_argument(
        "--goal", type=Path, default=DEFAULT_GOAL, metavar="FILE", help="see docs/goal-file.md"
    )
    parser.add_argument(
        "--fail", type=int, default=0, metavar="N", help="number of actions to fail permanently"
    )
    parser.add_argument(
        "--seed", type=int, default=1, metavar="S", help="seed of the model's answers"
    )
    parser.add_argument(
        "--latency",
        type=float,
        metavar="SECONDS",
        help=f"mean latency of a model call, heavy-tailed (default {DEFAULT_LATENCY_SECONDS}; "
        "with --model none is added)",
    )
    parser.add_argument(
        "--model",
        metavar="bedrock|URL",
        help="let a real model answer: Bedrock or an OpenAI-compatible server",
    )
    parser.add_argument(
        "--json", action="store_true", help="print one JSON object as the last line"
    )


def read_options(arguments: Namespace) -> RunOptions:
    """Check the arguments and read the goal. Raises UsageError."""
    try:
        goal = read_goal(arguments.goal)
    except GoalFileError as error:
        raise UsageError(f"{error}\nThe format is described in docs/goal-file.md.") from None
    most = len(goal.actions)
    if not 0 <= arguments.fail <= most:
        raise UsageError(f"--fail {arguments.fail}: allowed are 0 to {most}, the goal's actions")
    latency = arguments.latency
    if latency is None:
        latency = 0.0 if arguments.model else DEFAULT_LATENCY_SECONDS
    if not 0 <= latency <= MAX_LATENCY_SECONDS:
        raise UsageError(f"--latency {latency:g}: allowed are 0 to {MAX_LATENCY_SECONDS:g}")
    return RunOptions(goal, arguments.fail, arguments.seed, latency, arguments.json)

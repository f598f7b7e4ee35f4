"""AWS's own schemas over every stack: what `make policy` asks before the pack."""

import argparse
import logging
import os
import sys
from concurrent.futures import ProcessPoolExecutor

from components.settings import ENVIRONMENTS
from localcloud.program import stack_config
from policies.check import throwaway_secrets
from policies.cloudformation.explained import EXPLAINED
from policies.cloudformation.judge import Judged, judge, stale
from policies.cloudformation.template import declared


def of_stack(stack: str) -> Judged:
    """What the judges say of a stack, by the schemas of its region."""
    logging.disable(logging.INFO)  # the emulator, whose parser judges too, turns it on for all
    return judge(declared(stack, throwaway_secrets()), stack_config(stack)["aws:region"])


def main(arguments: list[str]) -> int:
    """Exit status 1 if anything is objected to and not explained, or explained in vain."""
    parser = argparse.ArgumentParser(prog="python -m policies.cloudformation", description=__doc__)
    parser.add_argument("stacks", nargs="*", metavar="STACK", help=", ".join(ENVIRONMENTS))
    stacks: list[str] = parser.parse_args(arguments).stacks or list(ENVIRONMENTS)
    if unknown := set(stacks) - set(ENVIRONMENTS):
        parser.error(f"no stack {', '.join(unknown)}: {', '.join(ENVIRONMENTS)}")
    with ProcessPoolExecutor(min(len(stacks), os.cpu_count() or 1)) as pool:
        results = list(pool.map(of_stack, stacks))
    lines = [
        f"{stack}: {finding}"
        for stack, result in zip(stacks, results, strict=True)
        for finding in result.unexplained
    ]
    if set(ENVIRONMENTS) <= set(stacks):
        used = {each for result in results for each in result.explained}
        lines += [
            f"explained in vain: {each.judge} {each.rule}, {each.type}" for each in stale(used)
        ]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.write(
        f"AWS's schemas: stacks {len(stacks)},"
        f" resources {sum(result.resources for result in results)},"
        f" findings {len(lines)}, explained {sum(sum(r.explained.values()) for r in results)}"
        f" by {len(EXPLAINED)} reasons\n"
    )
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

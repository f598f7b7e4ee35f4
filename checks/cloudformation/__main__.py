"""AWS's own schemas over every stack of every program: what `make policy` asks before the pack."""

import argparse
import logging
import os
import secrets
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from checks.cloudformation.accepted_findings import ACCEPTED_FINDINGS
from checks.cloudformation.linters import Judged, judge, stale
from checks.cloudformation.template import declared
from declared.program import PROJECT, ROOT, evaluate, stack_config
from declared.throwaway_secrets import throwaway_secrets

CONSUMER = ROOT / "examples" / "consumer"
PROGRAMS = (ROOT, ROOT / "deployment", CONSUMER)


def stacks() -> dict[str, Path]:
    """Every stack that has a file, such as `prod` and `deployment/prod` -> its program's folder."""
    return {
        str(file.with_name(file.name.split(".")[1]).relative_to(ROOT)): folder
        for folder in PROGRAMS
        for file in sorted(folder.glob("Pulumi.*.yaml"))
    }


def of_stack(name: str) -> Judged:
    """What the judges say of a stack, by the schemas of its region."""
    folder, stack = stacks()[name], Path(name).name
    config, references = dict[str, str](), dict[str, dict[str, Any]]()
    if folder == ROOT:
        config = throwaway_secrets()
    elif folder == CONSUMER:
        config = {"userEmail": "user@example.com", "userPassword": secrets.token_hex(8)}
        exports = evaluate(stack, throwaway_secrets()).exports
        references = {f"organization/{PROJECT}/{stack}": exports}
    resources = declared(stack, config, folder, references)
    return judge(resources, stack_config(stack, folder)["aws:region"])


def main(arguments: list[str]) -> int:
    """Exit status 1 if anything is objected to and not explained, or explained in vain."""
    every = stacks()
    parser = argparse.ArgumentParser(prog="python -m checks.cloudformation", description=__doc__)
    parser.add_argument("stacks", nargs="*", metavar="STACK", help=", ".join(every))
    names: list[str] = parser.parse_args(arguments).stacks or list(every)
    if unknown := set(names) - set(every):
        parser.error(f"no stack {', '.join(unknown)}: {', '.join(every)}")
    # the emulator, whose parser judges too, logs as soon as it is imported
    with ProcessPoolExecutor(
        min(len(names), os.cpu_count() or 1), initializer=logging.disable, initargs=(logging.INFO,)
    ) as pool:
        results = list(pool.map(of_stack, names))
    lines = [
        f"{name}: {finding}"
        for name, result in zip(names, results, strict=True)
        for finding in result.unexplained
    ]
    if set(names) == set(every):
        used = {each for result in results for each in result.explained}
        lines += [
            f"explained in vain: {each.judge} {each.rule}, {', '.join(each.types)}"
            for each in stale(used)
        ]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.write(
        f"AWS's schemas: stacks {len(names)},"
        f" resources {sum(result.resources for result in results)},"
        f" findings {len(lines)}, explained {sum(sum(r.explained.values()) for r in results)}"
        f" by {len(ACCEPTED_FINDINGS)} reasons\n"
    )
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

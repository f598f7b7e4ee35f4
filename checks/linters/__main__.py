"""The linters over every stack of every program: the first half of `make policy`."""

import argparse
import logging
import os
import secrets
import sys
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from checks.cloudformation.template import with_references
from checks.linters.accepted_findings import ACCEPTED_FINDINGS
from checks.linters.linting import LintResult, lint, stale
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


def lint_stack(name: str) -> LintResult:
    """Run the linters on a stack, with the schemas of its region."""
    folder, stack = stacks()[name], Path(name).name
    config: Mapping[str, str] = {}
    references: Mapping[str, Mapping[str, object]] = {}
    if folder == ROOT:
        config = throwaway_secrets()
    elif folder == CONSUMER:
        config = {"userEmail": "user@example.com", "userPassword": secrets.token_hex(8)}
        exports = evaluate(stack, throwaway_secrets()).exports
        references = {f"organization/{PROJECT}/{stack}": exports}
    resources = with_references(stack, config, folder, references)
    return lint(resources, stack_config(stack, folder)["aws:region"])


def main(arguments: list[str]) -> int:
    """Print every finding that is not accepted. Exit status 1 if there is one, or a stale one."""
    every = stacks()
    parser = argparse.ArgumentParser(prog="python -m checks.linters", description=__doc__)
    parser.add_argument("stacks", nargs="*", metavar="STACK", help=", ".join(every))
    names: list[str] = parser.parse_args(arguments).stacks or list(every)
    if unknown := set(names) - set(every):
        parser.error(f"no stack {', '.join(unknown)}: {', '.join(every)}")
    # Importing the emulator, whose parser is used, writes log lines.
    with ProcessPoolExecutor(
        min(len(names), os.cpu_count() or 1), initializer=logging.disable, initargs=(logging.INFO,)
    ) as pool:
        results = list(pool.map(lint_stack, names))
    lines = [
        f"{name}: {finding}"
        for name, result in zip(names, results, strict=True)
        for finding in result.findings
    ]
    if set(names) == set(every):
        occurred = {each for result in results for each in result.accepted}
        lines += [
            f"accepted but never found: {each.linter} {each.rule}, {', '.join(each.types)}"
            for each in stale(occurred)
        ]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.write(
        f"AWS's schemas: stacks {len(names)},"
        f" resources {sum(result.resources for result in results)},"
        f" findings {len(lines)}, accepted {sum(sum(r.accepted.values()) for r in results)}"
        f" for {len(ACCEPTED_FINDINGS)} reasons\n"
    )
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

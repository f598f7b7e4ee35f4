"""The commits that a stack was deployed from, read from `pulumi stack history --json`.

    python -m deployment.history HISTORY.json [--revision REVISION]

prints the commit of the last deployment, or that of REVISION. A revision that this stack was never
deployed from is refused: going there would be no rollback.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Update:
    """One entry of the history, newest first in its list.

    kind: update, preview, destroy ...; result: succeeded, failed, in-progress.
    environment: what the CLI recorded of the commit: `git.head`, `git.dirty` and more.
    """

    kind: str
    result: str
    environment: dict[str, str]


class RefusedError(ValueError):
    """There is no such commit to deploy; the message is for the command's user."""


def read(text: str) -> list[Update]:
    """The history in the CLI's form (`null` for none).

    Without pydantic: CI runs this before it installs anything.
    """
    entries: list[dict[str, Any]] = json.loads(text) or []
    return [Update(each["kind"], each["result"], each.get("environment") or {}) for each in entries]


def deployed(history: Sequence[Update]) -> list[str]:
    """The commits of successful deployments without local changes, newest first."""
    return [
        update.environment["git.head"]
        for update in history
        if update.kind == "update"
        and update.result == "succeeded"
        and "git.head" in update.environment
        and update.environment.get("git.dirty") != "true"
    ]


def last(history: Sequence[Update]) -> str:
    """The commit of the newest deployment."""
    commits = deployed(history)
    if not commits:
        raise RefusedError("this stack was never deployed from a commit")
    return commits[0]


def known(history: Sequence[Update], revision: str, repository: Path) -> str:
    """The commit that a revision names, if it was deployed before."""
    commit = _resolved(revision, repository)
    commits = deployed(history)
    if commit not in commits:
        listed = ", ".join(each[:12] for each in dict.fromkeys(commits)) or "none"
        raise RefusedError(
            f"{revision} ({commit[:12]}) was never deployed to this stack; what was: {listed}"
        )
    return commit


def _resolved(revision: str, repository: Path) -> str:
    command = ["git", "rev-parse", "--verify", "--quiet", "--end-of-options"]
    found = subprocess.run(
        [*command, f"{revision}^{{commit}}"],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
    )
    if found.returncode:
        raise RefusedError(f"{revision} is no tag or commit of this repository")
    return found.stdout.strip()


def main(arguments: list[str]) -> int:
    """Exit status 1, with the reason on one line, if there is nothing to deploy."""
    parser = argparse.ArgumentParser(prog="python -m deployment.history")
    parser.add_argument("history", type=Path)
    parser.add_argument("--revision", help="a tag or commit")
    options = parser.parse_args(arguments)
    try:
        history = read(options.history.read_text())
        revision: str | None = options.revision
        commit = known(history, revision, Path.cwd()) if revision else last(history)
    except (OSError, LookupError, ValueError) as error:
        sys.stderr.write(f"{error if isinstance(error, RefusedError) else repr(error)}\n")
        return 1
    sys.stdout.write(f"{commit}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

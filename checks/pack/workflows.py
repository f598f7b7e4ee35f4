"""CI runs the pack whole: `pulumi preview` and `up` have it, and no flag or variable weakens it.

Flags and variables are allowed, not forbidden: Pulumi has some hundred, and new ones come.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import yaml

PACK_FLAG = "--policy-pack policies"

_FLAGS = frozenset(
    {"--color", "--diff", "--expect-no-changes", "--non-interactive", "--policy-pack", "--refresh"}
    | {"--stack", "--suppress-progress", "--yes"}
)
"""What a preview or up may be given; none changes what is judged or when."""

_VARIABLES = frozenset({"PULUMI_ACCESS_TOKEN", "PULUMI_ORGANIZATION"})

_RUN = re.compile(r"\bpulumi\s+(?:\"?\$|(\w+)\b)[^\n]*")
"""A call in a script: of a command, or of what a variable holds."""

_WITHOUT_PACK = frozenset({"cancel", "destroy", "import", "refresh", "state", "watch"})
"""Commands that change a stack or its state, and take no pack."""


def problems_of(github: Path) -> Iterator[str]:
    """What weakens the pack in the workflows and actions of a folder .github."""
    files = [*github.glob("workflows/*.y*ml"), *github.glob("actions/*/action.y*ml")]
    for path in sorted(files):
        for problem in problems(path.read_text()):
            yield f".github/{path.relative_to(github)}: {problem}"


def problems(text: str) -> Iterator[str]:
    """What weakens the pack in a workflow or action; text: its YAML."""
    for name in sorted(set(re.findall(r"\bPULUMI_\w+", text)) - _VARIABLES):
        yield f"{name} may change what Pulumi checks"
    for step in _steps(yaml.safe_load(text)):
        yield from _of_script(str(step.get("run", "")).replace("\\\n", " "))
        given: Any = step.get("with") or {}
        command = str(given.get("command") or "")
        if command and "pulumi/actions@" in str(step.get("uses", "")):
            yield f"pulumi/actions runs {command}: let .github/actions/pulumi, which has the pack"
        elif command:
            yield from _of_command(command.split(maxsplit=1)[0], command)


def _steps(content: Any) -> Iterator[Mapping[str, Any]]:
    yield from content.get("runs", {}).get("steps", [])
    for job in content.get("jobs", {}).values():
        yield from cast("list[dict[str, Any]]", job.get("steps", []))


def _of_script(script: str) -> Iterator[str]:
    calls = list(_RUN.finditer(script))
    for call in calls:
        command = call[1] or "what a variable holds"
        may_deploy = call[1] in ("preview", "up", "update", None)
        with_pack = script if call[1] is None else call[0]
        if may_deploy and PACK_FLAG not in with_pack:
            yield f"pulumi {command} has no {PACK_FLAG}"
        if may_deploy:
            yield from _of_flags(call[0])
        elif call[1] in _WITHOUT_PACK:
            yield from _of_command(command, "")
    if calls:
        yield from _of_flags("\n".join(re.findall(r"command\+?=\(.*\)", script)))
    if re.search(r"\bmake policy\b.*--config\b", script):
        yield "make policy --config: exemptions belong into the repository, for every run"


def _of_command(command: str, text: str) -> Iterator[str]:
    if command in _WITHOUT_PACK:
        yield f"pulumi {command} changes the stack or its state without the pack"
    else:
        yield from _of_flags(text)


def _of_flags(text: str) -> Iterator[str]:
    for flag in re.findall(r"(?<![\w-])--?[a-z][\w-]*", text):
        if flag not in _FLAGS:
            allowed = ", ".join(sorted(_FLAGS))
            yield f"{flag} may change what the pack judges, only these may not: {allowed}"

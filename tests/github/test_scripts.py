"""The workflows' scripts, run as GitHub's runner runs them, with commands that are recorded."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from checks.pack.analyzer import analyzer
from declared.program import ROOT
from policies.pack import policies
from tests.github.test_workflows import GITHUB, parsed

needs_jq = pytest.mark.skipif(
    not shutil.which("jq"), reason="the workflows' scripts need jq, which this machine lacks"
)

HOSTILE = "</pre> @everyone <script>x</script> ``` `id` $(id) [x](https://evil.invalid) 目標"


@dataclass
class Runner:
    """A runner's folder: commands before all others on the PATH, and files for outputs."""

    folder: Path

    def command(self, name: str, script: str) -> None:
        """Put a command on the PATH that keeps its arguments, a line each, before it runs."""
        path = self.folder / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(
            f'#!/bin/bash\nprintf "%s\\n" "$@" -- >>"{self.folder}/{name}.calls"\n{script}\n'
        )
        path.chmod(0o755)

    def calls(self, name: str) -> list[list[str]]:
        """The arguments of each call."""
        path = self.folder / f"{name}.calls"
        text = path.read_text() if path.exists() else ""
        return [call.split("\n") for call in text.split("\n--\n") if call]

    def run(self, script: str, **env: str) -> "subprocess.CompletedProcess[str]":
        """Run a step's script (GitHub: bash --noprofile --norc -eo pipefail)."""
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
            cwd=self.folder,
            env={
                "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
                "RUNNER_TEMP": str(self.folder),
                "GITHUB_OUTPUT": str(self.folder / "output"),
                **env,
            },
            capture_output=True,
            text=True,
            check=False,
        )

    def outputs(self) -> dict[str, str]:
        """What was written for other steps."""
        text = (self.folder / "output").read_text()
        found = re.findall(r"^(\w+)<<(\S+)\n(.*?)\n\2$", text, re.MULTILINE | re.DOTALL)
        return {name: value for name, _, value in found}


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    """A runner."""
    return Runner(tmp_path)


def script(path: str, name: str) -> str:
    """The script of a named step."""
    content: Any = parsed(GITHUB / path)
    is_action = "runs" in content
    jobs: list[Any] = [content["runs"]] if is_action else list(content["jobs"].values())
    (found,) = [s["run"] for job in jobs for s in job.get("steps", []) if s.get("name") == name]
    return found


INSTALL = "Install what the program, the policy pack and the checks of an update need"
PREVIEW, UP = "preview --diff", "up --yes"


@pytest.mark.parametrize("has_lock", [True, False])
def test_a_commit_without_a_lock_of_the_pack_takes_the_actions(
    has_lock: bool, runner: Runner
) -> None:
    runner.command("uv", "")
    runner.command("python", 'mkdir -p .venv/bin; ln -sf "$PWD"/bin/* .venv/bin')
    if has_lock:
        (runner.folder / "requirements").mkdir()
        (runner.folder / "requirements" / "policies.txt").touch()
    done = runner.run(script("actions/pulumi/action.yml", INSTALL), COMMAND=PREVIEW)
    assert done.returncode == 0, done.stderr
    lock = "requirements/policies.txt" if has_lock else "../requirements/policies.txt"
    (sync,) = runner.calls("uv")
    assert sync[:2] == ["pip", "sync"]
    assert sync[-2:] == ["requirements/program.txt", lock]
    assert "--require-hashes" in sync


@pytest.mark.parametrize("command", [PREVIEW, UP])
def test_only_an_update_installs_the_operators_commands(command: str, runner: Runner) -> None:
    runner.command("uv", "")
    runner.command("python", 'mkdir -p .venv/bin; ln -sf "$PWD"/bin/* .venv/bin')
    lock = "requirements/operators.txt"
    (runner.folder / "requirements").mkdir()
    (runner.folder / lock).touch()
    done = runner.run(script("actions/pulumi/action.yml", INSTALL), COMMAND=command)
    assert done.returncode == 0, done.stderr
    (sync,) = runner.calls("uv")
    assert (lock in sync) == (command == UP)


CHECK = "Compare the stack with its program, and delete old versions"


@pytest.mark.parametrize("healthy", [True, False])
def test_old_versions_are_deleted_after_an_update_that_is_verified(
    healthy: bool, runner: Runner
) -> None:
    runner.command("python", f'[ "$3" != verify ] || exit {0 if healthy else 1}')
    (runner.folder / ".venv").mkdir()
    (runner.folder / ".venv" / "bin").symlink_to(runner.folder / "bin")
    done = runner.run(script("actions/verified/action.yml", CHECK), STACK="prod")
    assert done.returncode == (0 if healthy else 1)
    called = [call[2] for call in runner.calls("python")]
    assert called == (["verify", "prune"] if healthy else ["verify"])


@pytest.mark.soak
def test_the_installed_environment_runs_the_program_the_pack_and_the_commands(
    tmp_path: Path,
) -> None:
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    step = script("actions/pulumi/action.yml", INSTALL)
    subprocess.run(
        ["bash", "-eo", "pipefail", "-c", step],
        cwd=tmp_path,
        env={**environment, "COMMAND": UP},
        check=True,
    )
    python = tmp_path / ".venv" / "bin" / "python"
    evaluate = (
        "from declared.program import evaluate\n"
        "from declared.throwaway_secrets import throwaway_secrets\n"
        "print(len(evaluate('prod', throwaway_secrets(), preview=True).resources))\n"
    )
    count = subprocess.check_output([python, "-c", evaluate], cwd=ROOT, text=True)
    assert int(count) > 100
    for command in (["verify"], ["prune"]):
        subprocess.check_call([python, "-m", "ops", *command, "--help"], cwd=ROOT)
    with analyzer("dev", {}, [], python=str(python)) as pack:
        assert len(pack.policies()) == len(policies())


STACK = {"ORGANIZATION": "acme", "STACK": "dev", "COMMAND": "preview --diff"}


def test_a_preview_takes_the_pack_and_hands_its_text_on(runner: Runner) -> None:
    runner.command("pulumi", "echo 'one line'; echo 目標 >&2")
    done = runner.run(script("actions/pulumi/action.yml", "Pulumi"), **STACK)
    assert done.returncode == 0, done.stderr
    (call,) = runner.calls("pulumi")
    assert call[:2] == ["preview", "--diff"]
    assert call[call.index("--policy-pack") + 1] == "policies"
    assert call[call.index("--stack") + 1] == "acme/goal-mandala/dev"
    assert "--non-interactive" in call
    assert runner.outputs()["text"].strip() == "one line\n目標"


def test_a_refusal_is_handed_on_too_and_fails_the_step(runner: Runner) -> None:
    runner.command("pulumi", "echo 'error: no changes were expected'; exit 255")
    done = runner.run(script("actions/pulumi/action.yml", "Pulumi"), **STACK)
    assert done.returncode == 255
    assert "no changes were expected" in runner.outputs()["text"]


def test_a_long_text_is_cut_between_characters(runner: Runner) -> None:
    runner.command("pulumi", "printf x; for _ in {1..9000}; do printf 目標目標; done")
    done = runner.run(script("actions/pulumi/action.yml", "Pulumi"), **STACK)
    assert done.returncode == 0, done.stderr
    text = runner.outputs()["text"]
    assert 24_997 < len(text.strip().encode()) <= 25_000
    assert set(text.strip()) == {"x", "目", "標"}


@needs_jq
@pytest.mark.parametrize("existing", [None, 42])
def test_the_comment_is_one_and_renders_nothing_of_a_preview(
    existing: int | None, runner: Runner
) -> None:
    mark = "<!-- goal-mandala-preview -->"
    comments = [
        {"id": 7, "user": {"type": "User"}, "body": f"{mark} forged"},
        {"id": 8, "user": {"type": "Bot"}, "body": "another bot's"},
    ]
    if existing:
        comments.append({"id": existing, "user": {"type": "Bot"}, "body": f"{mark}\nold"})
    (runner.folder / "comments.json").write_text(json.dumps(comments))
    runner.command("gh", 'case "$*" in *--paginate*) cat comments.json ;; esac')
    previews = {"dev": HOSTILE, "prod": "\n" * 25_000 + "x" * 25_000}
    done = runner.run(
        script("workflows/pull-request.yml", "Write the previews into the pull request's comment"),
        MARK=mark,
        PREVIEWS=json.dumps(previews),
        RESULT="success",
        REPOSITORY="acme/goal",
        NUMBER="5",
        COMMIT="a" * 40,
        RUN="https://github.com/acme/goal/actions/runs/1",
    )
    assert done.returncode == 0, done.stderr
    body = (runner.folder / "body.md").read_text()
    assert body.startswith(mark)
    assert len(body) < 65_536
    assert "<script>" not in body
    assert "&lt;/pre&gt; @everyone &lt;script&gt;" in body
    assert "no preview, see the run" in body  # staging's
    written = runner.calls("gh")[-1]
    where = "repos/acme/goal/issues/" + ("comments/42" if existing else "5/comments")
    assert where in written
    assert ("PATCH" in written) == bool(existing)


DRIFT = {
    "STACK": "dev",
    "COMMIT": "b" * 40,
    "TEXT": HOSTILE,
    "RUN": "https://github.com/acme/goal/actions/runs/1",
}
TITLE = "Drift: dev is not what was deployed"


@needs_jq
@pytest.mark.parametrize(
    ("outcome", "open_issue", "done"),
    [
        ("failure", False, ["create"]),
        ("failure", True, ["edit", "comment"]),
        ("success", True, ["close"]),
        ("success", False, []),
    ],
)
def test_drift_has_one_issue_a_stack_as_long_as_it_lasts(
    outcome: str, open_issue: bool, done: list[str], runner: Runner
) -> None:
    issues = [{"number": 9, "title": "Drift: prod is not what was deployed"}]
    if open_issue:
        issues.append({"number": 3, "title": TITLE})
    (runner.folder / "issues.json").write_text(json.dumps(issues))
    runner.command("gh", 'case "$*" in *"issue list"*) cat issues.json ;; esac')
    ran = runner.run(
        script("workflows/drift.yml", "Keep the stack's issue up to date"),
        OUTCOME=outcome,
        **DRIFT,
    )
    assert ran.returncode == 0, ran.stderr
    calls = runner.calls("gh")[1:]
    assert [call[1] for call in calls] == done
    for call in calls:
        assert call[2] == "3" or call[2:4] == ["--title", TITLE]
    if outcome == "failure":
        body = (runner.folder / "body.md").read_text()
        assert "&lt;/pre&gt; @everyone" in body
        assert "<script>" not in body


def test_a_commit_that_is_refused_ends_the_step(runner: Runner) -> None:
    runner.command("pulumi", "echo '[]'")
    runner.command("python", "echo 'v9 is no tag or commit of this repository' >&2; exit 1")
    done = runner.run(
        script("actions/deployed-commit/action.yml", "Ask the stack's history"),
        ORGANIZATION="acme",
        STACK="prod",
        REVISION="v9",
    )
    assert done.returncode == 1
    assert not (runner.folder / "output").exists()
    assert runner.calls("python")[0][-2:] == ["--revision", "v9"]


QUIET = "      makespan: requests of DynamoDB / action            2.25 -> 2.25"
WORSE = "WORSE prompts: tokens of a request                      2.20 -> 2.60"


def measure(runner: Runner, *printed: str, code: int) -> "subprocess.CompletedProcess[str]":
    """Compare with the base, where `make bench` prints these lines and ends with this code."""
    lines = "\n".join(["Makespan on the embedded cloud", *printed])
    runner.command("make", f"cat <<'end'\n{lines}\nend\nexit {code}")
    step = script("workflows/benchmarks.yml", "Measure, and say what got worse")
    return runner.run(step, GITHUB_STEP_SUMMARY=str(runner.folder / "summary"))


def test_a_figure_that_got_worse_is_a_warning_and_stands_in_the_summary(runner: Runner) -> None:
    done = measure(runner, QUIET, WORSE, code=2)  # make's own code, whatever its command's is
    assert done.returncode == 0
    assert "::warning title=Benchmarks::1 of 2 figures got worse" in done.stdout
    summary = (runner.folder / "summary").read_text()
    assert summary.startswith("### 1 of 2 figures got worse\n")
    assert f"```\n{QUIET}\n{WORSE}\n```" in summary
    assert runner.calls("make")[0][0] == "bench"
    assert "--against HEAD^1" in runner.calls("make")[0][1]


def test_where_nothing_got_worse_nobody_is_warned(runner: Runner) -> None:
    done = measure(runner, QUIET, code=0)
    assert done.returncode == 0
    assert "::warning" not in done.stdout
    assert (runner.folder / "summary").read_text().startswith("### 0 of 1 figures got worse\n")


def test_a_comparison_that_could_not_be_made_fails(runner: Runner) -> None:
    assert measure(runner, "the base cannot be measured", code=2).returncode == 2

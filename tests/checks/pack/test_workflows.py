"""What in CI's workflows takes the pack away is found, and the repository's own take none away."""

import pytest

from checks.pack.workflows import problems, problems_of
from declared.program import ROOT

ACTION = (ROOT / ".github" / "actions" / "pulumi" / "action.yml").read_text()
DEPLOY = (ROOT / ".github" / "workflows" / "deploy.yml").read_text()


def test_the_workflows_run_the_pack_whole() -> None:
    assert list(problems_of(ROOT / ".github")) == []


@pytest.mark.parametrize(
    "command",
    [
        "up --yes --policy-pack-config lowered.json",
        "up --yes --skip-preview",
        "up --yes -f",
        "up --yes --target urn:pulumi:prod::goal-mandala::aws:sns/topic:Topic::t",
        "up --yes --disable-integrity-checking",
        "up --yes --cwd elsewhere",
        "destroy --yes",
        "refresh --yes",
        "import --yes",
        "state unprotect --all",
    ],
)
def test_a_command_that_weakens_the_pack_is_found(command: str) -> None:
    changed = DEPLOY.replace("command: up --yes", f"command: {command}", 1)
    assert changed != DEPLOY
    assert len(list(problems(changed))) == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("--policy-pack policies ", ""),
        ("--policy-pack policies ", "--policy-pack policies --policy-pack-config lowered.json "),
        ("--non-interactive", "--non-interactive --skip-preview"),
        ("DATABASE_URL:", "PULUMI_DISABLE_VALIDATION: true\n        DATABASE_URL:"),
        ("DATABASE_URL:", "PULUMI_OPTION_POLICY_PACK_CONFIG: x\n        DATABASE_URL:"),
        ("pulumi-version: 3.272.0", "pulumi-version: 3.272.0\n        command: up"),
    ],
)
def test_an_action_that_weakens_the_pack_is_found(old: str, new: str) -> None:
    changed = ACTION.replace(old, new, 1)
    assert changed != ACTION
    assert len(list(problems(changed))) == 1


@pytest.mark.parametrize(
    ("script", "problem"),
    [
        ("pulumi up --yes", "pulumi up has no --policy-pack policies"),
        (
            "pulumi preview --diff --policy-pack other",
            "pulumi preview has no --policy-pack policies",
        ),
        (
            "pulumi up --yes \\\n  --policy-pack policies --skip-preview",
            "--skip-preview may change",
        ),
        ("pulumi destroy --yes", "pulumi destroy changes the stack"),
        ('make policy ARGS="prod --config lowered.json"', "make policy --config"),
        ("pulumi up --yes --policy-pack policies", None),
        ("pulumi stack output apiUrl --json", None),
        ('make policy ARGS="--sarif policy.sarif"', None),
    ],
)
def test_a_script_that_weakens_the_pack_is_found(script: str, problem: str | None) -> None:
    lines = "\n".join(f"          {line}" for line in script.splitlines())
    found = list(problems(f"jobs:\n  a:\n    steps:\n      - run: |\n{lines}\n"))
    if problem is None:
        assert found == []
    else:
        assert any(each.startswith(problem) for each in found)

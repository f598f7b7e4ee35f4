"""GitHub's workflows: pinned, least permissions, no secret where a log could have it, and bound to
the roles that deployment/ makes. (actionlint and zizmor judge the rest, in `make check`.)"""

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from components.names import Names
from components.settings import ENVIRONMENTS
from declared.program import ROOT, evaluate
from deployment.github_roles import role_name
from deployment.settings import ENVIRONMENTS as DEPLOYED

GITHUB = ROOT / ".github"
FILES = [*sorted(GITHUB.glob("workflows/*.yml")), *sorted(GITHUB.glob("actions/*/action.yml"))]
PINNED = re.compile(
    r"uses: (\./\.github/\S+|[\w-]+/[\w-]+(?:/[\w-]+)?@[0-9a-f]{40} # v\d+\.\d+\.\d+)"
)
WRITES = {
    # (workflow, job) -> what it may write
    ("checks.yml", "policy"): {"security-events"},
    ("pull-request.yml", "checks"): {"security-events"},
    ("pull-request.yml", "preview"): {"id-token"},
    ("pull-request.yml", "comment"): {"pull-requests"},
    ("deploy.yml", "checks"): {"security-events"},
    ("deploy.yml", "dev"): {"id-token"},
    ("deploy.yml", "staging"): {"id-token"},
    ("deploy.yml", "prod"): {"id-token"},
    ("drift.yml", "drift"): {"id-token", "issues"},
    ("rollback.yml", "preview"): {"id-token"},
    ("rollback.yml", "deploy"): {"id-token"},
}


def parsed(path: Path) -> dict[str, Any]:
    """A workflow or action."""
    return cast("dict[str, Any]", yaml.safe_load(path.read_text()))


def jobs() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(workflow, name of the job, job)."""
    for path in sorted(GITHUB.glob("workflows/*.yml")):
        for name, job in parsed(path)["jobs"].items():
            yield path.name, name, job


def steps(path: Path) -> Iterator[dict[str, Any]]:
    """All steps of a workflow or action."""
    content = parsed(path)
    if "runs" in content:
        yield from content["runs"]["steps"]
    for job in content.get("jobs", {}).values():
        yield from job.get("steps", [])


def test_the_workflows_are_complete() -> None:
    workflows = {path.stem for path in GITHUB.glob("workflows/*.yml")}
    assert workflows == {
        "benchmarks", "checks", "supply-chain", "pull-request", "deploy", "drift", "rollback",
    }  # fmt: skip


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(GITHUB)))
def test_every_action_is_pinned_to_a_digest_and_names_its_version(path: Path) -> None:
    used = re.findall(r"uses: .+", path.read_text())
    assert all(PINNED.fullmatch(each) for each in used), used


def test_an_action_has_one_digest_everywhere() -> None:
    pins: dict[str, set[str]] = {}
    for path in FILES:
        for action, digest in re.findall(r"uses: ([\w/-]+)@(\S+ # \S+)", path.read_text()):
            pins.setdefault(action, set()).add(digest)
    assert len(pins) == 6
    assert all(len(digests) == 1 for digests in pins.values()), pins


def test_a_job_has_only_the_permissions_that_it_needs() -> None:
    for path in GITHUB.glob("workflows/*.yml"):
        assert parsed(path)["permissions"] == {}, path.name
    written = {
        (workflow, name): {scope for scope, level in job["permissions"].items() if level != "read"}
        for workflow, name, job in jobs()
    }
    assert {key: scopes for key, scopes in written.items() if scopes} == WRITES


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(GITHUB)))
def test_no_script_has_an_expression_of_github(path: Path) -> None:
    for step in steps(path):
        assert "${{" not in step.get("run", ""), step.get("name")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(GITHUB)))
def test_secrets_reach_only_the_repositorys_actions_and_no_log(path: Path) -> None:
    for step in steps(path):
        handed = json.dumps({key: step.get(key) for key in ("with", "env")})
        assert "secrets." not in handed or step["uses"].startswith("./.github/actions/")
        assert "set -x" not in step.get("run", "")
        assert "show-secrets" not in step.get("run", "")


def test_every_change_is_audited_listed_and_searched_for_secrets_in_its_whole_history() -> None:
    called = parsed(GITHUB / "workflows/checks.yml")["jobs"]["supply-chain"]["uses"]
    assert called == "./.github/workflows/supply-chain.yml"
    job = parsed(GITHUB / "workflows/supply-chain.yml")["jobs"]["make"]
    assert job["strategy"]["matrix"]["command"] == ["audit", "sbom", "secrets"]
    assert job["steps"][0]["with"]["fetch-depth"] == 0
    for caller in ("pull-request", "deploy"):
        called = parsed(GITHUB / f"workflows/{caller}.yml")["jobs"]["checks"]["uses"]
        assert called == "./.github/workflows/checks.yml"


def test_advisories_are_asked_for_every_night_too() -> None:
    # YAML 1.1 reads the key `on` as true.
    triggers = cast("dict[Any, Any]", parsed(GITHUB / "workflows/supply-chain.yml"))[True]
    assert len(triggers["schedule"]) == 1


def test_a_deployment_installs_no_lock_of_the_embedded_cloud_or_the_tests() -> None:
    scripts = [
        step["run"]
        for path in FILES
        if path.name not in ("benchmarks.yml", "checks.yml", "supply-chain.yml")
        for step in steps(path)
        if "run" in step
    ]
    assert not [script for script in scripts if re.search(r"^\s*make\b", script, re.MULTILINE)]
    locks = {lock for script in scripts for lock in re.findall(r"requirements/[\w-]+\.txt", script)}
    assert locks == {
        f"requirements/{name}.txt" for name in ("uv", "program", "policies", "operators")
    }
    for lock in locks:
        names = set(re.findall(r"^([\w.-]+)==", (ROOT / lock).read_text(), re.MULTILINE))
        own = set[str]() if lock == "requirements/operators.txt" else {"boto3"}
        assert names.isdisjoint({"ministack", "moto", "pytest", "hypothesis"} | own), lock


def test_credentials_are_configured_after_the_installation() -> None:
    names = [
        str(step.get("uses", step.get("name")))
        for step in steps(GITHUB / "actions/pulumi/action.yml")
    ]
    credentials = next(i for i, name in enumerate(names) if "configure-aws-credentials" in name)
    assert names[credentials + 1 :] == ["Pulumi"]


def environments(job: dict[str, Any]) -> set[str]:
    """The environments that a job runs in, each of its matrix or of what may be asked for."""
    name = job["environment"]
    return {re.sub(r"\$\{\{.+?\}\}", stack, name) for stack in DEPLOYED}


@pytest.mark.parametrize("stack", DEPLOYED)
def test_a_job_with_credentials_runs_in_an_environment_that_its_role_trusts(stack: str) -> None:
    declared = evaluate(stack, {}, preview=True, folder=ROOT / "deployment").resources
    names = Names(stack, "123456789012", "ap-northeast-1")
    trusted: dict[str, set[str]] = {
        resource.inputs["name"]: set(
            re.findall(r":environment:([\w-]+)", resource.inputs["assumeRolePolicy"])
        )
        for resource in declared
        if resource.type == "aws:iam/role:Role"
    }
    asked = 0
    for _, _, job in jobs():
        for step in job.get("steps", []):
            if step.get("uses") != "./.github/actions/pulumi":
                continue
            role = role_name(names, step["with"]["role"])
            assert {each.partition("-")[0] for each in environments(job)} <= set(DEPLOYED)
            ours = {each for each in environments(job) if each.partition("-")[0] == stack}
            assert ours <= trusted[role]
            asked += bool(ours)
    assert asked >= 4


def test_the_assumed_role_is_declared_by_the_deployment_program() -> None:
    text = (GITHUB / "actions/pulumi/action.yml").read_text()
    made = role_name(Names("STACK", "ACCOUNT", "REGION"), "ROLE")
    form = re.sub(r"\$\{\{ inputs\.(\w+) \}\}", lambda match: match[1].upper(), text)
    assert f"role-to-assume: arn:aws:iam::ACCOUNT:role/{made}\n" in form


def test_stacks_are_deployed_one_after_another_and_one_at_a_time() -> None:
    deploy = parsed(GITHUB / "workflows/deploy.yml")["jobs"]
    order = ["checks", *(each for each in ENVIRONMENTS if each != "local")]
    for before, stack in pairwise(order):
        assert deploy[stack]["needs"] == before
        assert deploy[stack]["environment"] == stack
        assert deploy[stack]["concurrency"] == {
            "group": f"deploy-{stack}",
            "cancel-in-progress": False,
        }
    rollback = parsed(GITHUB / "workflows/rollback.yml")["jobs"]["deploy"]
    assert rollback["concurrency"]["group"] == "deploy-${{ inputs.stack }}"


def test_the_cli_is_of_the_version_that_the_program_is_locked_to() -> None:
    (locked,) = re.findall(
        r"^pulumi==(\S+)", (ROOT / "requirements/program.txt").read_text(), re.MULTILINE
    )
    for path in GITHUB.glob("actions/*/action.yml"):
        for step in steps(path):
            if str(step.get("uses")).startswith("pulumi/actions@"):
                assert step["with"]["pulumi-version"] == locked

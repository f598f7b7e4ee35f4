"""The pack alone: a copy of policies/ in a virtual environment with nothing but its own lock."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from checks.pack.analyzer import PACK, analyzer, resources_of
from declared.program import ROOT, evaluate
from policies.pack import policies

LOCK = ROOT / "requirements" / "policies.txt"

PROGRAM = """\
import json
import pulumi_aws as aws

aws.sqs.Queue("jobs", name="jobs")
role = aws.iam.Role(
    "worker",
    name="worker",
    assume_role_policy=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": "sts:AssumeRole",
                    "Principal": {"Service": "lambda.amazonaws.com"},
                }
            ],
        }
    ),
    inline_policies=[
        {
            "name": "all",
            "policy": json.dumps(
                {"Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]}
            ),
        }
    ],
)
"""
CONFIG = {
    "aws:region": "eu-west-1",
    "aws:defaultTags": '{"tags": {"Project": "other", "Environment": "dev"}}',
    "other:accountId": "210987654321",
}


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """The interpreter of a virtual environment with the pack's lock and nothing else."""
    folder = tmp_path / ".venv"
    uv = Path(sys.executable).with_name("uv")
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, folder], check=True)
    python = folder / "bin" / "python"
    install = [uv, "pip", "install", "--quiet", "--require-hashes", "--python", python, "-r", LOCK]
    subprocess.run(install, check=True)
    return python


def test_the_pack_serves_from_its_own_lock_and_checks_another_program(
    python: Path, tmp_path: Path
) -> None:
    pack = tmp_path / "policies"
    shutil.copytree(PACK, pack, ignore=shutil.ignore_patterns("__pycache__"))
    folder = tmp_path / "program"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: other\nruntime: python\n")
    (folder / "Pulumi.dev.yaml").write_text("config: {}\n")
    (folder / "__main__.py").write_text(PROGRAM)
    program = evaluate("dev", CONFIG, preview=True, folder=folder)
    with analyzer("dev", CONFIG, [], pack=pack, python=str(python)) as alone:
        assert len(alone.policies()) == len(policies())
        violations = list(alone.analyze_all(resources_of(program)))
    assert {(each.policy, each.urn.rpartition("::")[2]) for each in violations} == {
        ("encryption-customer-key", "jobs"),
        ("encryption-tls-only", "jobs"),
        ("expected-document", "worker"),  # its Version is absent: 2008-10-17
        ("iam-no-wildcard-action", "worker"),
        ("iam-no-wildcard-resource", "worker"),
        ("iam-one-role-each", "worker"),
    }
    assert all(each.mandatory for each in violations)

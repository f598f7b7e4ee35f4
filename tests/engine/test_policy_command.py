"""`make policy` with an engine: a violation in a preview is printed and sets the exit code."""

import json
from pathlib import Path

import pytest

from checks.pack.__main__ import WITH_ENGINE, main
from policies.pack import policies

RULE, GROUP = "observability-log-retention", "workflow-log"
COMPONENT = "goalmandala:workflow:WorkflowStateMachine"
URN = f"urn:pulumi:dev::goal-mandala::{COMPONENT}$aws:cloudwatch/logGroup:LogGroup::{GROUP}"


@pytest.mark.usefixtures("cli")
def test_a_violation_is_printed_and_counted(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    config = tmp_path / "config.json"
    exemption = {"urn": URN, "violation": "x", "owner": "ops"}
    exemption |= {"reason": "an audit that is over", "expires": "2020-01-31"}
    config.write_text(json.dumps({RULE: {"exemptions": [exemption]}}))
    assert main(["dev", "--config", str(config)]) == 1
    violation, why, fix, _, summary, *_, left_out, last = capsys.readouterr().out.splitlines()
    expected = f"dev: {RULE} (mandatory): {GROUP}: exemption of {URN}: expired on 2020-01-31"
    assert violation == expected
    assert why.startswith("    why: ")
    assert fix.startswith("    fix: ")
    assert summary.endswith(f"violations 1: {RULE} 1")
    assert left_out == WITH_ENGINE
    assert last.startswith(f"stacks 1, policies {len(policies())}, resources ")
    assert last.endswith(", violations 1")

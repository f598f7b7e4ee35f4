"""`python -m checks.pack` without an engine; tests/engine runs it with one."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from unittest.mock import Mock

import pytest

from checks.pack.__main__ import WITHOUT_ENGINE, main
from checks.pack.analyzer import resources_of
from declared.program import evaluate
from policies.pack import policies
from tests.checks.pack.test_sarif import validate
from tests.policies.stacks import StacksUnderTest

POLICY = "observability-log-retention"
GROUP = "workflow-log"


@pytest.fixture
def no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the machine's engine."""
    monkeypatch.setenv("PULUMI_BIN", "/no/engine")


def test_the_command_names_a_configuration_that_it_cannot_read(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    config = tmp_path / "config.json"
    config.write_text('{"no-such-policy": {}}')
    with pytest.raises(SystemExit):
        main(["dev", "--config", str(config)])
    assert f"--config {config}: expected an object" in capsys.readouterr().err


@pytest.mark.usefixtures("no_engine")
def test_the_command_ends_with_what_it_left_out_and_the_numbers(
    capsys: pytest.CaptureFixture[str], stacks: StacksUnderTest
) -> None:
    assert main(["dev"]) == 0
    *_, left_out, last = capsys.readouterr().out.splitlines()
    assert left_out == WITHOUT_ENGINE.format(reason="PULUMI_BIN = /no/engine is no program")
    declared = resources_of(evaluate("dev", stacks.secrets, preview=True))
    resources = sum(each.type.startswith("aws:") for each in declared)
    assert last == f"stacks 1, policies {len(policies())}, resources {resources}, violations 0"


@pytest.mark.usefixtures("no_engine")
def test_the_command_names_a_violation_and_fails(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, stacks: StacksUnderTest
) -> None:
    group = stacks.program("dev")[GROUP]
    exemption = {"urn": group.urn, "violation": "x", "owner": "ops"}
    exemption |= {"reason": "an audit that is over", "expires": "2020-01-31"}
    config = tmp_path / "config.json"
    config.write_text(json.dumps({POLICY: {"exemptions": [exemption]}}))
    assert main(["dev", "--config", str(config)]) == 1
    out = capsys.readouterr().out
    assert f"dev: {POLICY} (mandatory): {GROUP}: exemption of {group.urn}: expired" in out
    assert f"exempt: {POLICY}: urn {group.urn}" in out
    assert out.endswith("violations 1\n")


@pytest.mark.usefixtures("no_engine")
def test_the_command_writes_the_violations_as_sarif(
    tmp_path: Path, stacks: StacksUnderTest
) -> None:
    group = stacks.program("dev")[GROUP]
    exemption = {"urn": group.urn, "reason": "an audit that is over", "expires": "2020-01-31"}
    config = tmp_path / "config.json"
    config.write_text(json.dumps({POLICY: {"exemptions": [exemption]}}))
    log = tmp_path / "log.sarif"
    assert main(["dev", "--config", str(config), "--sarif", str(log)]) == 1
    written = json.loads(log.read_text())
    validate(written)
    (result,) = written["runs"][0]["results"]
    assert result["ruleId"] == POLICY


@pytest.mark.usefixtures("no_engine")
def test_what_is_exempt_is_printed_and_not_in_the_log(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    stacks: StacksUnderTest,
) -> None:
    group = stacks.program("dev")[GROUP]
    program = evaluate("dev", stacks.secrets, preview=True)
    changed = [
        replace(each, inputs={**each.inputs, "retentionInDays": 0}) if each.name == GROUP else each
        for each in program.resources
    ]
    wrong = replace(program, resources=tuple(changed))
    monkeypatch.setattr("checks.pack.stacks.evaluate", Mock(return_value=wrong))
    log = tmp_path / "log.sarif"
    assert main(["dev", "--sarif", str(log)]) == 1
    found = [line for line in capsys.readouterr().out.splitlines() if f": {POLICY} (" in line]
    message = found[0].partition(f"{GROUP}: ")[2]
    exemption = {"urn": group.urn, "violation": message, "owner": "ops"}
    exemption |= {"reason": "an audit this week", "expires": date.today().isoformat()}
    config = tmp_path / "config.json"
    config.write_text(json.dumps({POLICY: {"exemptions": [exemption]}}))
    main(["dev", "--config", str(config), "--sarif", str(log)])
    written = json.loads(log.read_text())
    validate(written)
    assert POLICY not in {each["ruleId"] for each in written["runs"][0]["results"]}
    assert f"exempt: {POLICY}: urn {group.urn}, violation {message}" in capsys.readouterr().out


def test_the_command_explains_a_policy_without_looking_at_a_stack(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--explain", POLICY]) == 0
    assert capsys.readouterr().out.startswith(f"{POLICY}\n  what:")


def test_the_command_refuses_to_explain_a_policy_that_does_not_exist(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        main(["--explain", "observability-log-retentions"])
    assert f"no policy observability-log-retentions: {POLICY}" in capsys.readouterr().err


@pytest.mark.usefixtures("no_engine")
def test_the_command_refuses_a_lowered_level_and_counts_the_policies_asked(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    gone = "urn:pulumi:dev::goal-mandala::aws:sns/topic:Topic::gone"
    config = tmp_path / "config.json"
    config.write_text(
        json.dumps(
            {POLICY: "disabled", "access-cors": {"exemptions": [{"urn": gone}]}},
        )
    )
    assert main(["dev", "--config", str(config)]) == 1
    out = capsys.readouterr().out
    assert f"the configuration makes {POLICY} disabled" in out
    assert f"exemption of {gone}: the stack declares no such resource" in out
    assert f"policies {len(policies()) - 1}," in out
    assert out.endswith("violations 2\n")


@pytest.mark.usefixtures("no_engine")
def test_the_command_fails_where_ci_takes_the_pack_away(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def weakened(_: Path) -> list[str]:
        return [".github/workflows/deploy.yml: pulumi up has no --policy-pack policies"]

    monkeypatch.setattr("checks.pack.__main__.problems_of", weakened)
    assert main(["dev"]) == 1
    out = capsys.readouterr().out
    assert "CI: .github/workflows/deploy.yml: pulumi up has no --policy-pack policies\n" in out
    assert out.endswith("violations 1\n")

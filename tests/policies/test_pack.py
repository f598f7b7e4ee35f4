"""The pack as Pulumi's engine meets it, and what it says of the program."""

import json
from pathlib import Path
from typing import Any

import pytest
from pulumi.output import Unknown
from pulumi_policy import EnforcementLevel

from checks.pack.analyzer import Analyzer, Violation, everything
from checks.pack.run import LEFT_OUT, main
from components.settings import ENVIRONMENTS
from declared.program import evaluate
from policies.pack import policies
from tests.policies.matrix import EVERY, Laboratory
from tests.policies.mutate import put

TOPIC = "alerting-alerts"
RULE = "observability-log-retention"
GROUP = "workflow-log"


@pytest.fixture
def no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask without an engine, whatever this machine has: tests/engine asks with one."""
    monkeypatch.setenv("PULUMI_BIN", "/no/engine")


def said(pack: Analyzer, resources: list[Any]) -> list[Violation]:
    """All that the pack reports."""
    found = [each for resource in resources for each in pack.resource(resource)]
    return [*found, *pack.stack(resources)]


@pytest.mark.parametrize("stack", ENVIRONMENTS)
def test_the_program_violates_nothing_and_no_policy_is_skipped(stack: str, lab: Laboratory) -> None:
    pack = lab.pack(stack)
    pack.enable_only(EVERY)
    assert len(pack.policies()) == len(policies())
    assert said(pack, list(lab.program(stack).values())) == []


@pytest.mark.parametrize(
    "settings",
    [
        {"vpc": {"subnetIds": ["subnet-1"], "securityGroupIds": ["sg-1"]}},
        {"cognito": {"userPoolId": "ap-northeast-1_x", "clientIds": ["web"]}},
        {"bedrockModel": "amazon.nova-micro-v1:0", "alertEmails": ["a@example.com"]},
        {"table": {"billing": "provisioned"}, "generation": {"reservedConcurrency": 24}},
    ],
    ids=["vpc", "cognito", "model", "capacity"],
)
def test_the_programs_other_settings_violate_nothing(
    settings: dict[str, Any], lab: Laboratory
) -> None:
    texts = {key: v if isinstance(v, str) else json.dumps(v) for key, v in settings.items()}
    program = evaluate("prod", {**lab.secrets, **texts}, preview=True)
    pack = lab.pack("prod")
    pack.enable_only(EVERY)
    assert said(pack, everything(program)) == []


def test_every_policy_is_mandatory_and_says_what_to_do_and_who_says_so() -> None:
    for policy in policies():
        assert policy.enforcement_level == EnforcementLevel.MANDATORY
        assert policy.description.endswith(".")
        assert policy.remediation_steps
        assert policy.framework
        assert policy.framework.reference


def exempted(**exemption: str) -> dict[str, Any]:
    """Configuration with one exemption of RULE."""
    return {RULE: {"exemptions": [exemption]}}


@pytest.mark.parametrize(
    ("exemption", "problem"),
    [
        ({"reason": "an audit that is under way", "expires": "9999-12-31"}, None),
        ({"reason": "an audit that is over", "expires": "2020-01-31"}, "expired on 2020-01-31"),
        ({"reason": " ", "expires": "9999-12-31"}, "it has no reason"),
        ({"reason": "an audit", "expires": "soon"}, "a date such as 2027-01-31 is needed"),
    ],
)
def test_an_exemption_holds_for_its_urn_with_a_reason_until_its_day(
    exemption: dict[str, str], problem: str | None, lab: Laboratory
) -> None:
    program = put(GROUP, "retentionInDays", 0)(lab.program("prod"))
    pack = lab.pack("prod")
    pack.configure(exempted(urn=program[GROUP].urn, **exemption))
    found = [each.message for each in pack.resource(program[GROUP])]
    if problem is None:
        assert found == []
    else:
        assert any(problem in message for message in found)
        assert "kept for ever" in found


def test_an_expired_exemption_is_a_violation_even_of_what_is_right(lab: Laboratory) -> None:
    group = lab.program("prod")[GROUP]
    pack = lab.pack("prod")
    pack.configure(exempted(urn=group.urn, reason="an audit that is over", expires="2020-01-31"))
    (violation,) = pack.resource(group)
    assert violation.mandatory
    assert "expired" in violation.message


def test_an_exemption_exempts_no_other_resource(lab: Laboratory) -> None:
    program = put(GROUP, "retentionInDays", 0)(lab.program("prod"))
    pack = lab.pack("prod")
    pack.configure(exempted(urn=program[TOPIC].urn, reason="another one", expires="9999-12-31"))
    assert [each.message for each in pack.resource(program[GROUP])] == ["kept for ever"]


@pytest.mark.parametrize(
    ("name", "path", "policy"),
    [
        ("workflow-role", "assumeRolePolicy", "iam-trust"),
        ("functions-workflow-start-policy", "policy", "iam-no-wildcard-action"),
        ("users-client", "enableTokenRevocation", "access-user-pool-client"),
        ("workflow-machine", "definition", "resilience-states-end"),
    ],
)
def test_what_is_not_known_at_preview_is_a_mandatory_violation(
    name: str, path: str, policy: str, lab: Laboratory
) -> None:
    pack = lab.pack("prod")
    pack.enable_only({policy})
    (violation,) = pack.resource(put(name, path, Unknown())(lab.program("prod"))[name])
    assert violation.mandatory
    assert f"{path} is not known at preview" in violation.message


@pytest.mark.parametrize("document", ["{", "[]", '{"Statement": [{"Effect": "Allow"}, 7]}', "null"])
def test_a_document_that_cannot_be_read_does_not_pass(document: str, lab: Laboratory) -> None:
    name = "functions-workflow-start-policy"
    pack = lab.pack("prod")
    pack.enable_only({"iam-no-wildcard-action"})
    (violation,) = pack.resource(put(name, "policy", document)(lab.program("prod"))[name])
    assert violation.mandatory
    assert "cannot be read" in violation.message


def test_the_command_names_a_configuration_that_it_cannot_read(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    config = tmp_path / "config.json"
    config.write_text('{"no-such-policy": {}}')
    with pytest.raises(SystemExit):
        main(["dev", "--config", str(config)])
    assert f"--config {config}: expected an object" in capsys.readouterr().err


def test_a_secret_that_is_found_is_not_repeated(lab: Laboratory) -> None:
    name = "functions-workflow-start"
    changed = put(name, "environment.variables.X", "postgresql://a:hunter2@db/x")
    pack = lab.pack("prod")
    pack.enable_only(EVERY)
    (violation,) = pack.resource(changed(lab.program("prod"))[name])
    assert "environment.variables.X" in violation.message
    assert "hunter2" not in violation.message


@pytest.mark.usefixtures("no_engine")
def test_the_command_counts_on_its_last_line_and_says_what_it_left_out(
    capsys: pytest.CaptureFixture[str], lab: Laboratory
) -> None:
    assert main(["dev"]) == 0
    *_, left_out, last = capsys.readouterr().out.splitlines()
    assert left_out == LEFT_OUT.format(reason="PULUMI_BIN = /no/engine is no program")
    resources = sum(each.type.startswith("aws:") for each in lab.program("dev").values())
    assert last == (f"stacks 1, policies {len(policies())}, resources {resources}, violations 0")


@pytest.mark.usefixtures("no_engine")
def test_the_command_fails_with_a_violation_and_names_it(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, lab: Laboratory
) -> None:
    group = lab.program("dev")[GROUP]
    config = tmp_path / "config.json"
    config.write_text(
        json.dumps(exempted(urn=group.urn, reason="an audit that is over", expires="2020-01-31"))
    )
    assert main(["dev", "--config", str(config)]) == 1
    out = capsys.readouterr().out
    assert f"dev: {RULE} (mandatory): {GROUP}: exemption of {group.urn}: expired" in out
    assert out.endswith("violations 1\n")

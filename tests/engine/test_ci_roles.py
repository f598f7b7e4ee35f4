"""A stack deployed, changed and destroyed as CI's deploy role, judged by the emulator's IAM."""

import json
from collections.abc import Generator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from checks.ci_roles.comparison import refused
from checks.ci_roles.operations import preview_calls
from checks.ci_roles.options import names_of, options
from checks.least_privilege.calls import Call, Recording
from components.iam.documents import allow
from declared.program import ROOT, evaluate
from declared.throwaway_secrets import throwaway_secrets
from localcloud.aws.clients import ACCOUNT_ID
from localcloud.pulumi_cli import (
    Engine,
    EngineError,
    EngineOutcome,
    EngineStack,
    ProviderTarget,
    pulumi_engine,
)
from policies import authorization_reference as reference
from tests.engine.ci import OWN, Ci, calls_of_change, set_up
from tests.localcloud.emulated import EmulatedAws, emulated_aws

SETTINGS = {"goal-mandala:permissionsBoundary": "true"}
NOT_JUDGED = ("backups", "customDomain")
"""The emulator has no domains, and its IAM takes no ARN from the paths of AWS Backup's API. The
calls of both are compared with the roles in tests/checks/ci_roles."""

CHANGED = {
    "goal-mandala:logRetentionDays": "7",
    "goal-mandala:workflowTimeout": "1200",
    **{
        f"goal-mandala:{name}": json.dumps(value)
        for name, value in options(names_of("dev")).items()
        if name not in NOT_JUDGED
    },
}
ONE_TAG_MORE = {
    "aws:defaultTags": json.dumps(
        {"tags": {"Project": "goal-mandala", "Environment": "dev", "Team": "goals"}}
    )
}

EVERYBODYS = allow(["sts:GetCallerIdentity"], ["*"])
"""What AWS allows without a grant (STS API Reference: GetCallerIdentity)."""

TAGS = "::/tags/"
"""Which the emulator's provider reads before it changes them; AWS's has them from the API."""

# a whole stack is brought up, changed and taken down, on two cores that are busy
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def own_aws(tmp_path_factory: pytest.TempPathFactory) -> Generator[EmulatedAws]:
    """An emulator whose recording is this module's."""
    with emulated_aws(tmp_path_factory.mktemp("ci")) as running:
        yield running


@pytest.fixture(scope="module")
def ci(own_aws: EmulatedAws) -> Ci:
    """CI's roles on it."""
    return set_up(own_aws)


@pytest.fixture(scope="module")
def engine_of_ci(cli: Path, ci: Ci, tmp_path_factory: pytest.TempPathFactory) -> Generator[Engine]:
    """An engine whose provider has the credentials of a job that deploys."""
    got = ci.session("deploy")
    target = ProviderTarget(
        ACCOUNT_ID,
        ci.aws.emulator.url,
        "http://127.0.0.1:9",
        str(tmp_path_factory.mktemp("packages")),
        credentials=(got["AccessKeyId"], got["SecretAccessKey"], got["SessionToken"]),
    )
    with pulumi_engine(target) as engine:
        yield engine


@dataclass(frozen=True)
class Life:
    """What the engine did at each turn, and what the emulator's IAM judged meanwhile."""

    stack: EngineStack
    done: dict[str, EngineOutcome]
    judged: Recording


@pytest.fixture(scope="module")
def life(ci: Ci, engine_of_ci: Engine) -> Life:
    """First up, second up, changed settings with one more tag, destroy."""
    stack = engine_of_ci.stack(ROOT, "dev", SETTINGS, throwaway_secrets())
    done = {"up": stack.up(), "again": stack.up()}
    stack.configure(CHANGED | ONE_TAG_MORE)
    done["changed"] = stack.up()
    done["destroy"] = stack.destroy()
    return Life(stack, done, ci.recorded("deploy"))


@cache
def calls_of_aws_provider() -> list[Call]:
    """What AWS's provider calls at the same turns, beyond the emulator's own provider."""
    names = names_of("dev")
    first, changed = (
        evaluate("dev", throwaway_secrets() | SETTINGS | more).resources for more in ({}, CHANGED)
    )
    return [
        *preview_calls(names, first),
        *calls_of_change(names, (), first),
        *calls_of_change(names, first, changed),
        *calls_of_change(names, changed, ()),
    ]


def test_the_deploy_role_brings_a_stack_up_changes_and_destroys_it(life: Life) -> None:
    assert life.done["up"].count("create") > 150
    assert set(life.done["again"].operations) == set()
    assert life.done["changed"].count("update") > 100
    assert life.done["destroy"].count("delete") >= life.done["up"].count("create")


def test_no_call_was_denied(life: Life) -> None:
    assert life.judged.refused == ()
    assert len(life.judged.allowed) > 500


def test_the_calls_of_aws_provider_at_the_same_turns_are_allowed_too(ci: Ci) -> None:
    calls = calls_of_aws_provider()
    assert len(calls) > 500
    assert refused([*ci.changes, *ci.reads], calls) == []


def test_each_statement_removed_makes_a_call_of_this_deployment_fail(ci: Ci, life: Life) -> None:
    calls = [*life.judged.allowed, *calls_of_aws_provider()]
    assert len(ci.changes) > 12
    for removed in ci.changes:
        rest = [each for each in ci.changes if each is not removed]
        assert refused([*rest, *ci.reads], calls), removed
    for removed in ci.reads:
        assert refused([each for each in ci.reads if each is not removed], calls), removed


def test_a_removed_action_stops_the_deployment(ci: Ci, life: Life) -> None:
    removed = "logs:CreateLogGroup"
    ci.grant_changes(
        [
            {**each, "Action": [action for action in each["Action"] if action != removed]}
            for each in ci.changes
        ]
    )
    try:
        with pytest.raises(EngineError, match="not authorized to perform: logs:CreateLogGroup"):
            life.stack.up()
    finally:
        ci.grant_changes(ci.changes)
        life.stack.destroy()


def test_the_preview_role_reads_what_the_deploy_role_reads_and_changes_nothing(
    ci: Ci, life: Life
) -> None:
    reads = [
        call
        for call in life.judged.allowed
        if reference.access_level(call.action) in ("Read", "List")
        or call.action in ("apigateway:GET", "sts:GetCallerIdentity")
    ]
    assert len(reads) > 200
    granted = [*ci.reads, EVERYBODYS]
    assert [call for call in refused(granted, reads) if TAGS not in call.resource] == []
    changes = [call for call in life.judged.allowed if call not in reads]
    assert len(changes) > 200
    assert refused(ci.reads, changes) == changes


def test_a_job_that_previews_may_read_a_secret_and_not_change_it(ci: Ci) -> None:
    name = "goal-mandala-dev-database-url"
    ci.aws.client("secretsmanager").create_secret(Name=name, SecretString="a value")
    got = ci.session("preview", f"{OWN}-preview")
    secrets = ci.aws.client(
        "secretsmanager",
        aws_access_key_id=got["AccessKeyId"],
        aws_secret_access_key=got["SecretAccessKey"],
        aws_session_token=got["SessionToken"],
    )
    assert secrets.get_secret_value(SecretId=name)["SecretString"] == "a value"
    with pytest.raises(ClientError, match="AccessDenied"):
        secrets.put_secret_value(SecretId=name, SecretString="another")


@pytest.mark.parametrize(
    ("kind", "subject", "audience"),
    [
        ("deploy", "repo:example/other:environment:dev", "sts.amazonaws.com"),
        ("deploy", "repo:example/goal-mandala:environment:prod", "sts.amazonaws.com"),
        ("deploy", "repo:example/goal-mandala:ref:refs/heads/main", "sts.amazonaws.com"),
        ("deploy", f"{OWN}-preview", "sts.amazonaws.com"),
        ("deploy", OWN, "another"),
        ("preview", OWN, "sts.amazonaws.com"),
    ],
)
def test_another_token_gets_no_session(ci: Ci, kind: str, subject: str, audience: str) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        ci.session(kind, subject, audience)

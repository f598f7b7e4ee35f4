"""What a first deployment lacks: from the stack's file, and in the shapes of AWS's answers."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from components.settings import AlarmSettings, Settings
from deployment.grants import deploy
from ops import cli
from ops.commands import preflight
from ops.preflight.account import account_checks
from ops.preflight.configuration import Check, configuration_checks
from ops.problems import OperatorError
from ops.settings import settings_of
from ops.stack import Stack

ROLE = "arn:aws:iam::123456789012:role/ci/deployer"
SESSION = "arn:aws:sts::123456789012:assumed-role/deployer/me"
MODEL = "amazon.nova-micro-v1:0"


@pytest.fixture(scope="module")
def settings() -> Settings:
    return settings_of("dev")


@dataclass(frozen=True)
class Stubbed:
    """Real clients whose answers botocore holds against the services' own shapes."""

    stubs: dict[str, Stubber]

    def client(self, service: str) -> Any:
        return self.stubs[service].client


Answers = Callable[..., Stack]


@pytest.fixture
def answers(settings: Settings) -> Answers:
    """A stack whose account answers as given."""

    def stack(
        *,
        quota: float = 1000,
        authorization: str = "AUTHORIZED",
        profile_missing: bool = False,
        caller: str = SESSION,
        denied: str = "",
    ) -> Stack:
        aws: Any = boto3
        stubs = {
            service: Stubber(
                aws.client(
                    service,
                    region_name="ap-northeast-1",
                    aws_access_key_id="test",
                    aws_secret_access_key="test",
                )
            )
            for service in ("service-quotas", "bedrock", "sts", "iam")
        }
        stubs["service-quotas"].add_response("get_service_quota", {"Quota": {"Value": quota}})
        if profile_missing:
            stubs["bedrock"].add_client_error("get_inference_profile", "ResourceNotFoundException")
        else:
            stubs["bedrock"].add_response("get_inference_profile", _profile())
        stubs["bedrock"].add_response(
            "get_foundation_model_availability",
            {
                "modelId": MODEL,
                "agreementAvailability": {"status": "AVAILABLE"},
                "authorizationStatus": authorization,
                "entitlementAvailability": "AVAILABLE",
                "regionAvailability": "AVAILABLE",
            },
            {"modelId": MODEL},
        )
        stubs["sts"].add_response("get_caller_identity", {"Arn": caller})
        stubs["iam"].add_response("get_role", _role(), {"RoleName": "deployer"})
        for statement in deploy(settings.names):
            stubs["iam"].add_response(
                "simulate_principal_policy",
                {
                    "EvaluationResults": [
                        {
                            "EvalActionName": action,
                            "EvalDecision": "implicitDeny" if action == denied else "allowed",
                        }
                        for action in statement["Action"]
                    ]
                },
            )
        for stub in stubs.values():
            stub.activate()
        return Stack(settings.names, Stubbed(stubs))

    return stack


def _profile() -> dict[str, Any]:
    name = f"apac.{MODEL}"
    arn = f"arn:aws:bedrock:ap-northeast-1:123456789012:inference-profile/{name}"
    model = f"arn:aws:bedrock:ap-northeast-1::foundation-model/{MODEL}"
    return {
        "inferenceProfileName": name,
        "inferenceProfileArn": arn,
        "inferenceProfileId": name,
        "models": [{"modelArn": model}],
        "status": "ACTIVE",
        "type": "SYSTEM_DEFINED",
    }


def _role() -> dict[str, Any]:
    return {
        "Role": {
            "Path": "/ci/",
            "RoleName": "deployer",
            "RoleId": "AROA0123456789ABCDEF",
            "Arn": ROLE,
            "CreateDate": "2026-11-29T00:00:00Z",
        }
    }


def lacking(checks: list[Check]) -> dict[str, Check]:
    assert all(bool(check.fix) is not check.passed for check in checks)
    return {check.name: check for check in checks if not check.passed}


def test_an_account_with_everything_lacks_nothing(answers: Answers, settings: Settings) -> None:
    checks = [*account_checks(answers(), settings)]
    assert lacking(checks) == {}
    assert len(checks) == 4


@pytest.mark.parametrize(
    ("given", "name", "fix"),
    [
        ({"quota": 10}, "Lambda concurrency", "request-service-quota-increase"),
        ({"profile_missing": True}, "inference profile", "list-inference-profiles"),
        ({"authorization": "NOT_AUTHORIZED"}, "model access", f"request {MODEL}"),
        ({"denied": "iam:PassRole"}, "permissions to deploy", "a profile whose role deploys"),
    ],
)
def test_what_the_account_lacks_is_named_with_the_fix(
    given: dict[str, Any], name: str, fix: str, answers: Answers, settings: Settings
) -> None:
    (found,) = lacking([*account_checks(answers(**given), settings)]).values()
    assert found.name == name
    assert fix in found.fix


def test_a_call_that_is_refused_is_a_check_that_could_not_be_asked(
    answers: Answers, settings: Settings
) -> None:
    stack = answers()
    quotas = stack.session.stubs["service-quotas"]
    quotas.deactivate()
    refusing = Stubber(quotas.client)
    refusing.add_client_error("get_service_quota", "AccessDeniedException", "no")
    refusing.activate()
    found = next(account_checks(stack, settings))
    assert found.passed is None
    assert "may not call GetServiceQuota" in found.fix


def test_the_stack_files_as_they_come_lack_account_secrets_and_addresses(
    settings: Settings,
) -> None:
    checks = [*configuration_checks("dev", settings, {}, {})]
    assert set(lacking(checks)) == {
        "account and region",
        "secret goal-mandala:databaseUrl",
        "secret goal-mandala:jwtSecret",
        "secret goal-mandala:slackWebhook",
        "alarm e-mails",
        "runbook's address",
    }


def test_a_complete_file_lacks_nothing(settings: Settings) -> None:
    own = settings.model_copy(
        update={
            "account_id": "210987654321",
            "alert_emails": ["night@example.com"],
            "alarms": AlarmSettings(runbook="https://example.com/runbook"),
        }
    )
    config = {"goal-mandala:databaseUrl": "", "goal-mandala:slackWebhook": ""}
    assert lacking([*configuration_checks("dev", own, config, {"JWT_SECRET": "x"})]) == {}


def test_prod_does_not_open_its_api_to_localhost(settings: Settings) -> None:
    own = settings.model_copy(update={"cors_origins": ["http://localhost:5173"]})
    assert "browser origins" in lacking([*configuration_checks("prod", own, {}, {})])


def test_without_credentials_the_files_checks_are_still_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(_name: str) -> Stack:
        raise OperatorError("sign in")

    monkeypatch.setattr(preflight, "open_stack", refuse)
    assert cli.main(["preflight", "--stack", "dev", "--json"]) == 1
    shown = json.loads(capsys.readouterr().out)
    assert shown["failure"] == "sign in"
    assert len(shown["checks"]) == 7

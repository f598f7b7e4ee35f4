"""What a deployment refuses and what it accepts."""

from uuid import uuid4

import pytest

from declared.resources import DeclaredResource
from localcloud.provision import deployment as deployment_module
from localcloud.provision.computed_arns import belongs_to
from localcloud.provision.deployment import Deployment, ProvisionError
from localcloud.provision.known_gaps import KNOWN_GAPS, Gap
from localcloud.provision.table import PROVISIONERS
from tests.localcloud.provision.conftest import Declares

TOPIC = "aws:sns/topic:Topic"
SECRET_VERSION = "aws:secretsmanager/secretVersion:SecretVersion"


def unique() -> str:
    return f"name-{uuid4().hex[:8]}"


def test_the_error_for_an_unknown_type_names_it(declare: Declares) -> None:
    with pytest.raises(
        ProvisionError, match=r"thing: .* no provisioner for aws:sfn/activity:Activity"
    ):
        declare("aws:sfn/activity:Activity", name="thing")


def test_the_error_for_a_difference_names_the_property_and_both_values(declare: Declares) -> None:
    name = unique()
    with pytest.raises(ProvisionError) as error:
        declare(TOPIC, name=name, tracingConfig="Active")
    assert f"{name} ({TOPIC}) is not held" in str(error.value)
    assert "tracingConfig: declared Active, held nothing" in str(error.value)


def test_a_known_gap_is_accepted_and_reported(
    deployment: Deployment, declare: Declares, monkeypatch: pytest.MonkeyPatch
) -> None:
    gap = Gap(TOPIC, "tracingConfig", "no X-Ray here")
    monkeypatch.setattr(deployment_module, "KNOWN_GAPS", (gap,))
    declare(TOPIC, name=unique(), tracingConfig="Active")
    assert deployment.known_gaps == (f"{TOPIC} tracingConfig: no X-Ray here",)
    assert deployment.closed_gaps == ()


def test_a_known_gap_that_is_closed_is_reported(
    deployment: Deployment, declare: Declares, monkeypatch: pytest.MonkeyPatch
) -> None:
    gap = Gap(TOPIC, "displayName", "was forgotten once")
    monkeypatch.setattr(deployment_module, "KNOWN_GAPS", (gap,))
    declare(TOPIC, name=unique())
    assert deployment.closed_gaps == ()
    declare(TOPIC, name=unique(), displayName="Goals")
    assert deployment.closed_gaps == (f"{TOPIC} displayName",)


def test_every_known_gap_has_a_known_type_and_a_reason() -> None:
    assert all(gap.type in PROVISIONERS and gap.reason for gap in KNOWN_GAPS)


def test_a_gap_covers_its_path_and_the_paths_below_it() -> None:
    gap = Gap(TOPIC, "tracing", "a reason")
    assert gap.covers(TOPIC, "tracing.mode")
    assert gap.covers(TOPIC, "tracing[0]")
    assert not gap.covers(TOPIC, "tracingConfig")
    assert not gap.covers("aws:sqs/queue:Queue", "tracing")


def test_the_error_for_a_difference_hides_secrets(
    deployment: Deployment, declare: Declares
) -> None:
    secret_id, _ = declare(
        "aws:secretsmanager/secret:Secret", name=unique(), recoveryWindowInDays=0
    )
    resource = DeclaredResource(
        SECRET_VERSION,
        "value",
        "urn:value",
        "",
        {"secretId": secret_id, "secretString": "hush", "secretBinary": "hush hush"},
        frozenset({"secretString", "secretBinary"}),
    )
    with pytest.raises(ProvisionError, match="secretBinary") as error:
        deployment(resource)
    assert "hush" not in str(error.value)


def test_the_error_for_a_refused_call_names_the_resource(
    deployment: Deployment, declare: Declares
) -> None:
    arn = f"arn:aws:sns:ap-northeast-1:123456789012:{unique()}"
    with pytest.raises(ProvisionError, match=r"nameless \(aws:sns/topicPolicy.*NotFound") as error:
        declare("aws:sns/topicPolicy:TopicPolicy", arn=arn, policy="{}")
    assert deployment.error is error.value


def test_an_arn_that_no_resource_has_is_an_error(deployment: Deployment, declare: Declares) -> None:
    name = unique()
    arn, _ = declare(TOPIC, name=name)
    policy = '{"Statement":[{"Resource":"%s","Effect":"Allow","Action":"sns:Publish"}]}'
    declare("aws:sns/topicPolicy:TopicPolicy", arn=arn, policy=policy % arn)
    deployment.check_computed_arns()
    declare("aws:sns/topicPolicy:TopicPolicy", arn=arn, policy=policy % f"{arn}s")
    with pytest.raises(ProvisionError, match=f"{arn}s in nameless"):
        deployment.check_computed_arns()


@pytest.mark.parametrize(
    ("mentioned", "created"),
    [
        ("arn:aws:logs:r:1:log-group:/aws/x:*", "arn:aws:logs:r:1:log-group:/aws/x"),
        ("arn:aws:dynamodb:r:1:table/T/index/i", "arn:aws:dynamodb:r:1:table/T"),
        ("arn:aws:states:r:1:execution:M:*", "arn:aws:states:r:1:stateMachine:M"),
        (
            "arn:aws:secretsmanager:r:1:secret:s-??????",
            "arn:aws:secretsmanager:r:1:secret:s-a1b2c3",
        ),
        ("arn:aws:kms:r:1:key/*", "arn:aws:kms:r:1:key/0000"),
    ],
)
def test_the_arn_of_a_part_and_a_pattern_belong_to_a_resource(mentioned: str, created: str) -> None:
    assert belongs_to(mentioned, {created})
    assert not belongs_to(mentioned, {f"{created}-other"}) or mentioned.endswith("/*")

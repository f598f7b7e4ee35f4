"""What a deployment refuses, and what it lets pass."""

from uuid import uuid4

import pytest

from declared.resources import DeclaredResource
from localcloud.provision import deployment as deployment_module
from localcloud.provision.deployment import Deployment, RealiseError
from localcloud.provision.gaps import KNOWN_GAPS, Gap
from localcloud.provision.table import PROVISIONERS
from tests.localcloud.provision.conftest import Declares

TOPIC = "aws:sns/topic:Topic"
SECRET_VERSION = "aws:secretsmanager/secretVersion:SecretVersion"


def unique() -> str:
    return f"name-{uuid4().hex[:8]}"


def test_an_unknown_type_is_named(declare: Declares) -> None:
    with pytest.raises(RealiseError, match=r"thing: .* no provisioner for aws:s3/bucket:Bucket"):
        declare("aws:s3/bucket:Bucket", name="thing")


def test_a_property_that_is_not_held_is_named_with_both_values(declare: Declares) -> None:
    name = unique()
    with pytest.raises(RealiseError) as error:
        declare(TOPIC, name=name, tracingConfig="Active")
    assert f"{name} ({TOPIC}) is not held" in str(error.value)
    assert "tracingConfig: declared Active, held nothing" in str(error.value)


def test_a_listed_gap_passes_and_is_reported(
    deployment: Deployment, declare: Declares, monkeypatch: pytest.MonkeyPatch
) -> None:
    gap = Gap(TOPIC, "tracingConfig", "no X-Ray here")
    monkeypatch.setattr(deployment_module, "KNOWN_GAPS", (gap,))
    declare(TOPIC, name=unique(), tracingConfig="Active")
    assert deployment.known_gaps == (f"{TOPIC} tracingConfig: no X-Ray here",)
    assert deployment.closed_gaps == ()


def test_a_gap_that_is_none_any_more_is_reported(
    deployment: Deployment, declare: Declares, monkeypatch: pytest.MonkeyPatch
) -> None:
    gap = Gap(TOPIC, "displayName", "was forgotten once")
    monkeypatch.setattr(deployment_module, "KNOWN_GAPS", (gap,))
    declare(TOPIC, name=unique())
    assert deployment.closed_gaps == ()
    declare(TOPIC, name=unique(), displayName="Goals")
    assert deployment.closed_gaps == (f"{TOPIC} displayName",)


def test_every_gap_is_of_a_type_in_the_table_and_has_a_reason() -> None:
    assert all(gap.type in PROVISIONERS and gap.reason for gap in KNOWN_GAPS)


def test_a_gap_covers_what_is_below_its_path_and_nothing_else() -> None:
    gap = Gap(TOPIC, "tracing", "a reason")
    assert gap.covers(TOPIC, "tracing.mode")
    assert gap.covers(TOPIC, "tracing[0]")
    assert not gap.covers(TOPIC, "tracingConfig")
    assert not gap.covers("aws:sqs/queue:Queue", "tracing")


def test_a_secret_that_is_not_held_is_not_shown(deployment: Deployment, declare: Declares) -> None:
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
    with pytest.raises(RealiseError, match="secretBinary") as error:
        deployment(resource)
    assert "hush" not in str(error.value)


def test_what_a_service_refuses_names_the_resource_and_is_kept(
    deployment: Deployment, declare: Declares
) -> None:
    arn = f"arn:aws:sns:ap-northeast-1:123456789012:{unique()}"
    with pytest.raises(RealiseError, match=r"nameless \(aws:sns/topicPolicy.*NotFound") as error:
        declare("aws:sns/topicPolicy:TopicPolicy", arn=arn, policy="{}")
    assert deployment.error is error.value


def test_a_computed_arn_must_be_that_of_something_created(
    deployment: Deployment, declare: Declares
) -> None:
    name = unique()
    arn, _ = declare(TOPIC, name=name)
    policy = '{"Statement":[{"Resource":"%s","Effect":"Allow","Action":"sns:Publish"}]}'
    declare("aws:sns/topicPolicy:TopicPolicy", arn=arn, policy=policy % arn)
    deployment.check_computed_arns()
    declare("aws:sns/topicPolicy:TopicPolicy", arn=arn, policy=policy % f"{arn}s")
    with pytest.raises(RealiseError, match=f"{arn}s in nameless"):
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
def test_parts_and_patterns_of_what_was_created_are_known(mentioned: str, created: str) -> None:
    assert deployment_module.is_of(mentioned, {created})
    assert not deployment_module.is_of(mentioned, {f"{created}-other"}) or mentioned.endswith("/*")

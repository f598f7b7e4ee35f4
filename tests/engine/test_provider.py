"""The provider's answers to the engine: changes, replacements and previews."""

from typing import Any, cast

import pytest
from google.protobuf import struct_pb2
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2

from localcloud.provision.provider import AwsProvider
from localcloud.provision.target import ProviderTarget

ACCOUNT = "210987654321"
TOPIC, FUNCTION = "aws:sns/topic:Topic", "aws:lambda/function:Function"
DIFF = provider_pb2.DiffResponse
NO_CONTEXT = cast("Any", None)


@pytest.fixture
def provider() -> AwsProvider:
    return AwsProvider(ProviderTarget(ACCOUNT))


def struct(**values: Any) -> struct_pb2.Struct:
    struct = struct_pb2.Struct()
    struct.update(values)
    return struct


def archive(digest: str, **more: str) -> dict[str, str]:
    return {
        rpc._special_sig_key: rpc._special_archive_sig,  # pyright: ignore[reportPrivateUsage]
        "hash": digest,
        **more,
    }


def secret(value: str) -> dict[str, str]:
    return {
        rpc._special_sig_key: rpc._special_secret_sig,  # pyright: ignore[reportPrivateUsage]
        "value": value,
    }


def diff(provider: AwsProvider, type_: str, old: Any, new: Any) -> Any:
    request = provider_pb2.DiffRequest(type=type_, old_inputs=old, news=new)
    return provider.Diff(request, NO_CONTEXT)


def check(provider: AwsProvider, type_: str, news: Any, olds: Any = None, name: str = "it") -> Any:
    request = provider_pb2.CheckRequest(
        type=type_, name=name, news=news, olds=olds or struct(), randomSeed=b"the engine's"
    )
    return provider.Check(request, NO_CONTEXT)


def test_a_name_is_made_up_and_noted_as_not_the_programs(provider: AwsProvider) -> None:
    inputs = check(provider, TOPIC, struct(displayName=secret("x")), name="alerts").inputs
    assert inputs["name"].startswith("alerts-")
    assert list(inputs["__defaults"]) == ["name"]
    assert inputs["displayName"] == struct(x=secret("x"))["x"]


def test_a_made_up_name_is_taken_over_from_the_state(provider: AwsProvider) -> None:
    olds = struct(name="alerts-1", __defaults=["name"])
    assert check(provider, TOPIC, struct(), olds).inputs["name"] == "alerts-1"


def test_the_programs_name_is_noted_as_its_own(provider: AwsProvider) -> None:
    inputs = check(provider, TOPIC, struct(name="mine")).inputs
    assert (inputs["name"], list(inputs["__defaults"])) == ("mine", [])


def test_a_pulumi_name_is_refused_where_the_made_up_name_does_not_fit(
    provider: AwsProvider,
) -> None:
    permission = struct(action="lambda:InvokeFunction", function="a", principal="b")
    type_ = "aws:lambda/permission:Permission"
    (failure,) = check(provider, type_, permission, name="GET/goals/{id}").failures
    assert failure.reason.startswith("invalid value for statementId (must contain alphanumeric")
    assert failure.reason.endswith("Examine values at 'GET/goals/{id}.statementId'.")
    assert not check(provider, type_, permission, name="GET-goals-id").failures
    (failure,) = check(provider, FUNCTION, struct(code=archive("1")), name="a" * 60).failures[:1]
    assert "longer than maximum length 64" in failure.reason


def test_a_refused_secret_is_not_shown(provider: AwsProvider) -> None:
    queue = struct(policy=secret("hunter2"))
    (failure,) = check(provider, "aws:sqs/queue:Queue", queue).failures
    assert "policy contains an invalid JSON" in failure.reason
    assert "hunter2" not in failure.reason


def test_what_is_not_known_yet_is_not_refused(provider: AwsProvider) -> None:
    queue = struct(policy=rpc.UNKNOWN, visibilityTimeoutSeconds=rpc.UNKNOWN)
    assert not check(provider, "aws:sqs/queue:Queue", queue).failures


def test_the_providers_tags_are_laid_under_the_resources(provider: AwsProvider) -> None:
    setting = '{"tags": {"Project": "goals", "Team": "one"}}'
    provider.Configure(provider_pb2.ConfigureRequest(args=struct(defaultTags=setting)), NO_CONTEXT)
    inputs = check(provider, TOPIC, struct(tags={"Team": "two", "Id": rpc.UNKNOWN})).inputs
    assert dict(inputs["tagsAll"]) == {"Project": "goals", "Team": "two", "Id": rpc.UNKNOWN}
    assert dict(inputs["tags"]) == {"Team": "two", "Id": rpc.UNKNOWN}
    untagged = "aws:sns/topicPolicy:TopicPolicy"
    assert "tagsAll" not in check(provider, untagged, struct(arn=rpc.UNKNOWN)).inputs


def test_another_setting_of_the_provider_is_a_difference(provider: AwsProvider) -> None:
    old, new = struct(defaultTags="{}"), struct(defaultTags='{"tags": {}}')
    for other, changes in ((old, DIFF.DIFF_NONE), (new, DIFF.DIFF_SOME)):
        request = provider_pb2.DiffRequest(old_inputs=old, news=other)
        assert provider.DiffConfig(request, NO_CONTEXT).changes == changes


def test_a_type_without_facts_is_left_to_its_creation(provider: AwsProvider) -> None:
    given = struct(name="any")
    assert check(provider, "aws:cloudwatch/eventBus:EventBus", given).inputs == given


def test_equal_inputs_have_no_difference(provider: AwsProvider) -> None:
    same = struct(name="a", tags={"Team": "goals"}, displayName=secret("x"))
    assert diff(provider, TOPIC, same, same).changes == DIFF.DIFF_NONE


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        (struct(name="a"), struct(name="a", displayName="b"), ["displayName"]),
        (struct(name="a", displayName="b"), struct(name="a"), ["displayName"]),
        (struct(displayName=secret("a")), struct(displayName=secret("b")), ["displayName"]),
        (struct(displayName="a"), struct(displayName=rpc.UNKNOWN), ["displayName"]),
    ],
    ids=["added", "removed", "secret", "unknown"],
)
def test_a_changed_input_is_an_update(
    provider: AwsProvider, old: Any, new: Any, changed: list[str]
) -> None:
    found = diff(provider, TOPIC, old, new)
    assert (found.changes, list(found.diffs)) == (DIFF.DIFF_SOME, changed)
    assert not found.replaces


def test_a_changed_name_replaces_and_deletes_first(provider: AwsProvider) -> None:
    found = diff(provider, TOPIC, struct(name="a", displayName="a"), struct(name="b"))
    assert list(found.diffs) == ["displayName", "name"]
    assert list(found.replaces) == ["name"]
    assert found.deleteBeforeReplace


def test_what_has_no_name_is_replaced_and_the_new_one_comes_first(provider: AwsProvider) -> None:
    version = "aws:secretsmanager/secretVersion:SecretVersion"
    found = diff(provider, version, struct(secretString="a"), struct(secretString="b"))
    assert list(found.replaces) == ["secretString"]
    assert not found.deleteBeforeReplace


def test_what_the_provider_filled_in_is_no_difference(provider: AwsProvider) -> None:
    old = struct(name="a", __defaults=[])
    assert diff(provider, TOPIC, old, struct(name="a")).changes == DIFF.DIFF_NONE


def test_an_archive_is_compared_by_its_hash(provider: AwsProvider) -> None:
    before, moved = archive("1"), archive("1", path="/tmp/core.zip")
    other = archive("2", path="/tmp/core.zip")
    same = diff(provider, FUNCTION, struct(code=before), struct(code=moved))
    assert same.changes == DIFF.DIFF_NONE
    assert list(diff(provider, FUNCTION, struct(code=before), struct(code=other)).diffs) == ["code"]


def test_a_preview_of_a_create_has_the_inputs_and_unknown_outputs(
    provider: AwsProvider,
) -> None:
    request = provider_pb2.CreateRequest(
        type=TOPIC, properties=struct(name="a", displayName=secret("x")), preview=True
    )
    created = provider.Create(request, NO_CONTEXT)
    known = {name for name, value in created.properties.items() if value != rpc.UNKNOWN}
    assert known == {"name", "displayName"}
    assert created.properties["displayName"] == struct(x=secret("x"))["x"]
    assert {"arn", "policy"} <= set(created.properties)


def test_a_preview_of_an_update_keeps_the_outputs_that_do_not_change(
    provider: AwsProvider,
) -> None:
    request = provider_pb2.UpdateRequest(
        type=FUNCTION,
        old_inputs=struct(name="a", timeout=1, description="gone", publish=True),
        olds=struct(name="a", timeout=1, description="gone", arn="arn", version="1"),
        news=struct(name="a", timeout=2, publish=True),
        preview=True,
    )
    state = provider.Update(request, NO_CONTEXT).properties
    assert (state["name"], state["timeout"], state["arn"]) == ("a", 2, "arn")
    assert state["version"] == rpc.UNKNOWN
    assert "description" not in state


def test_the_caller_identity_is_the_targets_account(provider: AwsProvider) -> None:
    token = "aws:index/getCallerIdentity:getCallerIdentity"
    answer: Any = provider.Invoke(provider_pb2.InvokeRequest(tok=token), NO_CONTEXT)
    assert getattr(answer, "return")["accountId"] == ACCOUNT


def test_the_error_for_an_unknown_function_names_it(provider: AwsProvider) -> None:
    request = provider_pb2.InvokeRequest(tok="aws:index/getRegion:getRegion")
    with pytest.raises(NotImplementedError, match="calls aws:index/getRegion:getRegion"):
        provider.Invoke(request, NO_CONTEXT)


def test_without_a_cloud_only_a_preview_is_possible(provider: AwsProvider) -> None:
    request = provider_pb2.CreateRequest(type=TOPIC, properties=struct(name="a"))
    with pytest.raises(ValueError, match="only a preview is possible"):
        provider.Create(request, NO_CONTEXT)

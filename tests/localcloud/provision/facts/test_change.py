"""What a change replaces, in which order, and what is no change."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.provision.facts import (
    DEFAULTS,
    UNKNOWN,
    TypeFacts,
    all_types,
    change,
    facts_of,
    filled_in_by_aws,
    renewed,
)

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
COMPOSITE = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
FUNCTION = "aws:lambda/function:Function"
KEY = "aws:kms/key:Key"
PERMISSION = "aws:lambda/permission:Permission"
POOL = "aws:cognito/userPool:UserPool"
QUEUE = "aws:sqs/queue:Queue"
ROLE = "aws:iam/role:Role"
TABLE = "aws:dynamodb/table:Table"
VERSION = "aws:secretsmanager/secretVersion:SecretVersion"


def facts_about(type_: str) -> TypeFacts:
    found = facts_of(type_)
    assert found is not None
    return found


def changed(type_: str, old: dict[str, Any], new: dict[str, Any]) -> tuple[str, ...]:
    return change(facts_about(type_), old, new).changed


def test_an_update_in_place_replaces_nothing() -> None:
    found = change(facts_about(FUNCTION), {"name": "a", "timeout": 3}, {"name": "a", "timeout": 9})
    assert (found.changed, found.replacing, found.delete_first) == (("timeout",), (), False)


def test_with_an_explicit_name_the_old_one_is_deleted_first() -> None:
    found = change(facts_about(QUEUE), {"name": "a"}, {"name": "b", DEFAULTS: []})
    assert (found.replacing, found.delete_first) == (("name",), True)


def test_with_a_name_of_pulumis_the_new_one_is_created_first() -> None:
    old = {"principal": "a", "statementId": "x-1", DEFAULTS: ["statementId"]}
    found = change(facts_about(PERMISSION), old, {**old, "principal": "b"})
    assert (found.replacing, found.delete_first) == (("principal",), False)


def test_what_has_no_name_to_make_up_is_created_first() -> None:
    found = change(facts_about(VERSION), {"secretString": "a"}, {"secretString": "b"})
    assert (found.replacing, found.delete_first) == (("secretString",), False)
    toggled = change(facts_about(COMPOSITE), {"actionsEnabled": True}, {"actionsEnabled": False})
    assert (toggled.replacing, toggled.delete_first) == (("actionsEnabled",), False)


def test_a_part_may_replace_where_the_rest_is_changed_in_place() -> None:
    old = {"usernameConfiguration": {"caseSensitive": True}, "passwordPolicy": {"minimumLength": 8}}
    new = {"usernameConfiguration": {"caseSensitive": False}}
    found = change(facts_about(POOL), old, {**old, **new})
    assert found.replacing == ("usernameConfiguration",)
    found = change(facts_about(POOL), old, {**old, "passwordPolicy": {"minimumLength": 9}})
    assert (found.changed, found.replacing) == (("passwordPolicy",), ())


def test_a_value_not_known_yet_replaces_where_another_value_would() -> None:
    found = change(facts_about(PERMISSION), {"sourceArn": "a"}, {"sourceArn": UNKNOWN})
    assert found.replacing == ("sourceArn",)


@pytest.mark.parametrize(
    ("type_", "old", "new"),
    [
        (KEY, {"policy": '{"a": [1, 2]}'}, {}),
        (QUEUE, {"redrivePolicy": "{}"}, {}),
        ("aws:apigatewayv2/stage:Stage", {"defaultRouteSettings": {"throttlingRateLimit": 1}}, {}),
        ("aws:secretsmanager/secret:Secret", {"kmsKeyId": "k"}, {}),
    ],
)
def test_what_the_provider_keeps_when_it_is_removed_is_no_change(
    type_: str, old: dict[str, Any], new: dict[str, Any]
) -> None:
    assert changed(type_, old, new) == ()
    assert changed(type_, new, old) != ()


def test_a_default_and_nothing_are_the_same() -> None:
    assert changed(FUNCTION, {"timeout": 3.0, "publish": False}, {}) == ()
    assert changed(FUNCTION, {}, {"memorySize": 128.0}) == ()
    assert changed(FUNCTION, {"publish": True}, {}) == ("publish",)
    assert changed(FUNCTION, {"reservedConcurrentExecutions": 0.0}, {}) != ()


def test_nothing_and_an_empty_list_or_map_are_the_same() -> None:
    assert changed(ALARM, {"okActions": [], "tags": {}}, {}) == ()
    assert changed(ALARM, {}, {"okActions": ["a"]}) == ("okActions",)


def test_the_order_of_a_set_is_no_change_and_that_of_a_list_is() -> None:
    assert changed(ALARM, {"alarmActions": ["a", "b"]}, {"alarmActions": ["b", "a"]}) == ()
    assert changed(FUNCTION, {"layers": ["a", "b"]}, {"layers": ["b", "a"]}) == ("layers",)
    indexes = [{"name": "a"}, {"name": "b"}]
    turned = {"globalSecondaryIndexes": indexes[::-1]}
    assert changed(TABLE, {"globalSecondaryIndexes": indexes}, turned) == ()


def test_a_policy_is_what_it_allows() -> None:
    one = {"Statement": [{"Action": ["a:B"], "Resource": "*"}]}
    same = {"Statement": {"Resource": ["*"], "Action": "a:B"}}
    other = {"Statement": {"Resource": ["*"], "Action": "a:C"}}
    old = {"assumeRolePolicy": json.dumps(one)}
    assert changed(ROLE, old, {"assumeRolePolicy": json.dumps(same)}) == ()
    assert changed(ROLE, old, {"assumeRolePolicy": json.dumps(other)}) == ("assumeRolePolicy",)


def test_a_function_is_the_same_by_name_and_by_arn() -> None:
    arn = "arn:aws:lambda:eu-west-1:123456789012:function:worker"
    alias = "aws:lambda/alias:Alias"
    assert changed(alias, {"functionName": "worker"}, {"functionName": arn}) == ()
    assert changed(alias, {"functionName": arn}, {"functionName": f"{arn}2"}) == ("functionName",)


def test_a_known_perpetual_difference_is_one_at_every_update() -> None:
    queue = {"redrivePolicy": json.dumps({"maxReceiveCount": "5"})}
    found = change(facts_about(QUEUE), queue, queue)
    assert found.changed == ("redrivePolicy",)
    assert "maxReceiveCount is text" in found.perpetual["redrivePolicy"]
    number = {"redrivePolicy": json.dumps({"maxReceiveCount": 5})}
    assert change(facts_about(QUEUE), number, number).changed == ()


def test_a_version_is_published_only_for_what_it_holds() -> None:
    facts, publishing = facts_about(FUNCTION), {"publish": True}
    assert "version" in renewed(facts, ("timeout",), publishing)
    assert renewed(facts, ("reservedConcurrentExecutions",), publishing) == []
    assert renewed(facts, ("timeout",), {}) == []
    assert renewed(facts, ("code",), {}) == ["lastModified"]


def test_a_preview_does_not_know_what_aws_fills_in() -> None:
    facts = facts_about(QUEUE)
    assert "policy" in filled_in_by_aws(facts, {})
    assert "policy" not in filled_in_by_aws(facts, {"policy": "{}"})
    assert "visibilityTimeoutSeconds" not in filled_in_by_aws(facts, {})


values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(all_types()), st.data())
def test_the_same_inputs_are_never_a_change_and_a_change_names_inputs(
    type_: str, data: st.DataObject
) -> None:
    facts = facts_about(type_)
    tops = {path.partition(".")[0].partition("[")[0] for path in facts.properties}
    names = st.sampled_from(sorted(tops))
    old = data.draw(st.dictionaries(names, values, max_size=4))
    new = data.draw(st.dictionaries(names, values, max_size=4))
    assert set(change(facts, old, old).changed) <= set(change(facts, old, old).perpetual)
    found = change(facts, old, new)
    assert set(found.replacing) <= set(found.changed) <= {*old, *new}
    assert not found.delete_first or found.replacing

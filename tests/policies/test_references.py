"""What a string refers to, at any depth."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.stack.references import Reference, host_and_path, references, texts

_USER = "arn:aws:iam::123456789012:user/${aws:username}"
_NONE: set[tuple[str, str]] = set()
_ARN = "arn:aws:sns:us-east-1:999999999999:topic"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (_ARN, {("arn", _ARN)}),
        (f"see {_ARN}, and more", {("arn", _ARN)}),
        (_USER, {("arn", _USER)}),
        ("999999999999", {("account", "999999999999")}),
        ("bucket-999999999999", {("account", "999999999999")}),
        ("1234567890123", _NONE),
        ("00000000-0000-7000-8000-123456789012", _NONE),
        ("us-east-1", {("region", "us-east-1")}),
        ("ap-northeast-1a", {("region", "ap-northeast-1a")}),
        ("us-east-1 and more", _NONE),
        ("https://a.example/x", {("url", "https://a.example/x")}),
        ("redis://cache:6379", {("url", "redis://cache:6379")}),
        ("to=https%3A%2F%2Fa.example", {("url", "https://a.example")}),
        ("collect.example.net:4317", {("host", "collect.example.net")}),
        ("see collect.example.net.", {("host", "collect.example.net")}),
        ("s3.amazonaws.com/bucket/key", {("host", "s3.amazonaws.com/bucket/key")}),
        ("example.de", {("host", "example.de")}),
        ("collector:4317", {("host", "collector:4317")}),
        ("collector.corp.internal:4317", {("host", "collector.corp.internal:4317")}),
        ("[2001:db8::1]:4317", {("host", "[2001:db8::1]:4317")}),
        ("anthropic.claude-v2:1:18k", _NONE),
        ("rate:5", _NONE),
        ("8.8.8.8:53", {("host", "8.8.8.8")}),
        ("10.0.0.0/16", _NONE),
        ("169.254.169.254", _NONE),
        ("somebody@example.net", {("email", "somebody@example.net")}),
        ("+819012345678", {("phone", "+819012345678")}),
        ("docs/runbook.md", _NONE),
        ("runbook.md", _NONE),
        ("handlers.task_generation.handler", _NONE),
        ("$context.authorizer.claims.sub", _NONE),
        ("{% $states.input.status %}", _NONE),
        ("apac.amazon.nova-micro-v1:0", _NONE),
        ("dynamodb:GetItem", _NONE),
    ],
)
def test_the_references_in_a_text(text: str, expected: set[tuple[str, str]]) -> None:
    assert set(references(text)) == {Reference(*each) for each in expected}


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(beside=_JSON, steps=st.lists(st.sampled_from(["list", "object", "text"]), max_size=5))
def test_a_reference_is_found_at_any_depth(beside: Any, steps: list[str]) -> None:
    value: Any = _ARN
    for step in steps:
        if step == "list":
            value = [beside, value]
        elif step == "object":
            value = {"beside": beside, "inner": value}
        else:
            value = json.dumps(value)
    found = {each for text in texts({"property": value}) for each in references(text.value)}
    assert Reference("arn", _ARN) in found


def test_the_resources_of_a_deny_are_left_out_and_its_conditions_are_not() -> None:
    statement = {
        "Effect": "Deny",
        "Resource": "arn:aws:s3:::other/*",
        "Condition": {"ArnEquals": {"aws:SourceArn": _ARN}},
    }
    found = {each.value for each in texts({"policy": json.dumps({"Statement": [statement]})})}
    assert _ARN in found
    assert "arn:aws:s3:::other/*" not in found


def test_the_path_leads_through_json_text() -> None:
    (text,) = [
        each for each in texts({"policy": '{"Statement": [{"Sid": "a"}]}'}) if not each.is_key
    ]
    assert text.path == ("policy", "Statement", "0", "Sid")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://user:pw@Host.example:8443/a?b=c#d", ("host.example", "/a?b=c#d")),
        ("host.example/a", ("host.example", "/a")),
        ("http://[::1]:80/a", ("::1", "/a")),
        ("http://[broken/a", ("", "http://[broken/a")),
    ],
)
def test_the_host_and_path_of_a_url(url: str, expected: tuple[str, str]) -> None:
    assert host_and_path(url) == expected

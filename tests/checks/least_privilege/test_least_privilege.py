"""The comparison of calls and grants, with grants made for the tests."""

from dataclasses import replace

import pytest

from checks.least_privilege.calls import Call, context
from checks.least_privilege.comparison import compare, matches
from checks.least_privilege.grants import Grant
from checks.least_privilege.report import counts, problems

ROLE = "reader-role"
KEY = "arn:aws:kms:ap-northeast-1:123456789012:key/1"
TABLE = "arn:aws:dynamodb:ap-northeast-1:123456789012:table/things"
READ = Grant("reader-policy", 0, True, ROLE, "dynamodb:GetItem", TABLE, ())
BY_ALIAS = ("ForAnyValue:StringEquals", "kms:resourcealiases", "alias/ours")
THROUGH = ("StringEquals", "kms:viaservice", "dynamodb.ap-northeast-1.amazonaws.com")
DECRYPT = Grant(
    "reader-policy", 1, True, ROLE, "kms:Decrypt", KEY.replace("/1", "/*"), (BY_ALIAS, THROUGH)
)
LETS_IAM_DECIDE = Grant("key", 0, True, "arn:aws:iam::123456789012:root", "kms:*", KEY, ())

READING = Call(ROLE, "dynamodb:GetItem", TABLE)
DECRYPTING = Call(
    ROLE,
    "kms:Decrypt",
    KEY,
    context(
        {
            "kms:ViaService": "dynamodb.ap-northeast-1.amazonaws.com",
            "kms:ResourceAliases": ["alias/other", "alias/ours"],
        }
    ),
)


def test_each_call_has_its_grant_and_each_grant_its_call() -> None:
    comparison = compare([READ, DECRYPT, LETS_IAM_DECIDE], [READING, DECRYPTING])
    assert comparison.uses == {
        READ: (READING,),
        DECRYPT: (DECRYPTING,),
        LETS_IAM_DECIDE: (DECRYPTING,),
    }
    assert list(problems(comparison)) == []
    assert counts(comparison).startswith("grants 3, never used 0; calls never granted 0")


def test_a_call_without_grant_is_reported_with_its_caller() -> None:
    scan = Call(ROLE, "dynamodb:Scan", TABLE, source="a guide")
    assert list(problems(compare([READ], [READING, scan]))) == [
        f"never granted: {ROLE} dynamodb:Scan on {TABLE} (a guide)"
    ]


def test_two_equal_grants_are_both_unused() -> None:
    twice = replace(READ, statement=7)
    assert compare([READ, twice], [READING]).unused == (READ, twice)


def test_a_grant_of_another_principal_does_not_count() -> None:
    comparison = compare([replace(READ, principal="writer-role")], [READING])
    assert comparison.ungranted == (READING,)


def test_a_key_needs_both_the_roles_policy_and_its_own() -> None:
    assert compare([DECRYPT], [DECRYPTING]).ungranted == (DECRYPTING,)
    assert compare([LETS_IAM_DECIDE], [DECRYPTING]).ungranted == (DECRYPTING,)


def test_a_service_needs_only_the_keys_policy() -> None:
    service = "logs.ap-northeast-1.amazonaws.com"
    group = "arn:aws:logs:ap-northeast-1:123456789012:log-group:/a"
    under = ("ArnEquals", "kms:encryptioncontext:aws:logs:arn", group)
    grant = Grant("key", 1, True, service, "kms:Encrypt", KEY, (under,))
    call = Call(service, "kms:Encrypt", KEY, context({"kms:EncryptionContext:aws:logs:arn": group}))
    assert compare([grant, LETS_IAM_DECIDE], [call]).ungranted == ()
    assert compare([LETS_IAM_DECIDE], [call]).ungranted == (call,)


@pytest.mark.parametrize(
    ("condition", "matching"),
    [
        (("ArnEquals", "aws:sourcearn", "arn:aws:events:::rule/one"), True),
        (("ArnLike", "aws:sourcearn", "arn:aws:events:::rule/*"), True),
        (("ArnEquals", "aws:sourcearn", "arn:aws:events:::rule/two"), False),
        (("StringEquals", "aws:sourceaccount", "210987654321"), False),
        (("StringEquals", "aws:principalorgid", "o-1"), False),
    ],
)
def test_a_grant_matches_only_under_its_conditions(
    condition: tuple[str, str, str], matching: bool
) -> None:
    grant = replace(READ, conditions=(condition,))
    source = {"aws:SourceArn": "arn:aws:events:::rule/one", "aws:SourceAccount": "123456789012"}
    assert matches(grant, replace(READING, context=context(source))) is matching


def test_a_call_over_plain_http_needs_a_denial_and_a_denial_such_a_call() -> None:
    topic = "arn:aws:sns:ap-northeast-1:123456789012:alerts"
    without_tls = ("Bool", "aws:securetransport", "false")
    denial = Grant("topic-policy", 0, False, "*", "sns:Publish", topic, (without_tls,))
    publish = Call("*", "sns:Publish", topic)
    assert compare([denial], [], [publish]).uses == {denial: (publish,)}
    assert list(problems(compare([], [], [publish]))) == [
        f"never refused: sns:Publish on {topic} over plain HTTP"
    ]
    assert compare([replace(denial, action="sns:Subscribe")], [], [publish]).unused != ()

"""The judge of calls and grants, on grants of a test's own."""

from dataclasses import replace

import pytest

from checks.least_privilege.calls import Call, context
from checks.least_privilege.grants import Grant
from checks.least_privilege.judge import judge, matches
from checks.least_privilege.report import counts, problems

ROLE = "reader-role"
KEY = "arn:aws:kms:ap-northeast-1:123456789012:key/1"
TABLE = "arn:aws:dynamodb:ap-northeast-1:123456789012:table/things"
READ = Grant("reader-policy", 0, True, ROLE, "dynamodb:GetItem", TABLE, ())
OURS = ("ForAnyValue:StringEquals", "kms:resourcealiases", "alias/ours")
THROUGH = ("StringEquals", "kms:viaservice", "dynamodb.ap-northeast-1.amazonaws.com")
DECRYPT = Grant(
    "reader-policy", 1, True, ROLE, "kms:Decrypt", KEY.replace("/1", "/*"), (OURS, THROUGH)
)
HANDED_OVER = Grant("key", 0, True, "arn:aws:iam::123456789012:root", "kms:*", KEY, ())

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
    verdict = judge([READ, DECRYPT, HANDED_OVER], [READING, DECRYPTING])
    assert verdict.uses == {READ: (READING,), DECRYPT: (DECRYPTING,), HANDED_OVER: (DECRYPTING,)}
    assert list(problems(verdict)) == []
    assert counts(verdict).startswith("grants 3, never used 0; calls never granted 0")


def test_a_call_that_nothing_allows_is_told_with_who_makes_it() -> None:
    scan = Call(ROLE, "dynamodb:Scan", TABLE, source="a guide")
    assert list(problems(judge([READ], [READING, scan]))) == [
        f"never granted: {ROLE} dynamodb:Scan on {TABLE} (a guide)"
    ]


def test_a_grant_that_another_one_repeats_is_not_needed_and_neither_is_the_other() -> None:
    twice = replace(READ, statement=7)
    assert judge([READ, twice], [READING]).unused == (READ, twice)


def test_another_principals_grant_is_nobody_elses() -> None:
    verdict = judge([replace(READ, principal="writer-role")], [READING])
    assert verdict.ungranted == (READING,)


def test_a_key_needs_both_the_roles_policy_and_its_own() -> None:
    assert judge([DECRYPT], [DECRYPTING]).ungranted == (DECRYPTING,)
    assert judge([HANDED_OVER], [DECRYPTING]).ungranted == (DECRYPTING,)


def test_a_service_that_uses_a_key_is_held_to_the_keys_policy() -> None:
    service = "logs.ap-northeast-1.amazonaws.com"
    group = "arn:aws:logs:ap-northeast-1:123456789012:log-group:/a"
    under = ("ArnEquals", "kms:encryptioncontext:aws:logs:arn", group)
    grant = Grant("key", 1, True, service, "kms:Encrypt", KEY, (under,))
    call = Call(service, "kms:Encrypt", KEY, context({"kms:EncryptionContext:aws:logs:arn": group}))
    assert judge([grant, HANDED_OVER], [call]).ungranted == ()
    assert judge([HANDED_OVER], [call]).ungranted == (call,)


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
def test_a_grant_counts_only_under_its_conditions(
    condition: tuple[str, str, str], matching: bool
) -> None:
    grant = replace(READ, conditions=(condition,))
    source = {"aws:SourceArn": "arn:aws:events:::rule/one", "aws:SourceAccount": "123456789012"}
    assert matches(grant, replace(READING, context=context(source))) is matching


def test_what_comes_in_clear_has_to_be_denied_and_a_denial_has_to_be_of_use() -> None:
    topic = "arn:aws:sns:ap-northeast-1:123456789012:told"
    in_clear = ("Bool", "aws:securetransport", "false")
    denial = Grant("topic-policy", 0, False, "*", "sns:Publish", topic, (in_clear,))
    publish = Call("*", "sns:Publish", topic)
    assert judge([denial], [], [publish]).uses == {denial: (publish,)}
    assert list(problems(judge([], [], [publish]))) == [
        f"never refused: sns:Publish on {topic} over plain HTTP"
    ]
    assert judge([replace(denial, action="sns:Subscribe")], [], [publish]).unused != ()

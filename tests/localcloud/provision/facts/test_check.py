"""What Check refuses, in the provider's words: property, value, what is allowed."""

import json
import string
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from localcloud.provision.facts import UNKNOWN, TypeFacts, all_types, check, facts_of, undescribed

PERMISSION = "aws:lambda/permission:Permission"
TABLE = "aws:dynamodb/table:Table"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
ROLE = "arn:aws:iam::123456789012:role/worker"

VALID: dict[str, dict[str, Any]] = {
    PERMISSION: {"action": "lambda:InvokeFunction", "function": "worker", "principal": "x"},
    "aws:lambda/function:Function": {
        "role": ROLE,
        "code": "zip",
        "handler": "a.b",
        "runtime": "python3.13",
    },
    TABLE: {
        "name": "t",
        "hashKey": "pk",
        "attributes": [{"name": "pk", "type": "S"}],
        "billingMode": "PAY_PER_REQUEST",
    },
    ALARM: {
        "comparisonOperator": "GreaterThanThreshold",
        "evaluationPeriods": 1,
        "metricName": "Errors",
        "statistic": "Sum",
    },
    "aws:cloudwatch/eventRule:EventRule": {"scheduleExpression": "rate(1 minute)"},
    "aws:cloudwatch/logGroup:LogGroup": {},
    "aws:cloudwatch/dashboard:Dashboard": {"dashboardName": "d", "dashboardBody": "{}"},
    "aws:iam/rolePolicy:RolePolicy": {"role": "worker", "policy": "{}"},
    "aws:kms/alias:Alias": {"targetKeyId": "k"},
    "aws:secretsmanager/secret:Secret": {},
    "aws:secretsmanager/secretVersion:SecretVersion": {"secretId": "s", "secretString": "v"},
    "aws:sns/topic:Topic": {},
    "aws:sns/topicSubscription:TopicSubscription": {
        "topic": "arn:aws:sns:ap-northeast-1:123456789012:t",
        "protocol": "sqs",
        "endpoint": "e",
    },
    "aws:sqs/queue:Queue": {},
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": {
        "url": "https://token.actions.githubusercontent.com",
        "clientIdLists": ["sts.amazonaws.com"],
    },
}


def facts_about(type_: str) -> TypeFacts:
    found = facts_of(type_)
    assert found is not None
    return found


def problems(type_: str, **changed: Any) -> list[str]:
    """What is refused of valid inputs that are changed (None: without that one)."""
    return [failure.text() for failure in check(facts_about(type_), {**VALID[type_], **changed})]


@pytest.mark.parametrize("type_", VALID)
def test_valid_inputs_are_refused_nothing(type_: str) -> None:
    assert problems(type_) == []


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    (
        PERMISSION,
        {"statementId": "GET /goals/{goalId}"},
        "invalid value for statementId (must contain alphanumeric, underscores or dashes only: "
        '^[0-9A-Za-z_-]+$), got "GET /goals/{goalId}"',
    ),
    (PERMISSION, {"action": None}, "Missing required argument: action is required"),
    (
        PERMISSION,
        {"statementId": "a", "statementIdPrefix": "b"},
        "statementId: conflicts with statementIdPrefix",
    ),
    (PERMISSION, {"sourceArn": "the rule"}, 'sourceArn is an invalid ARN, got "the rule"'),
    (PERMISSION, {"sourceAccount": "12"}, "sourceAccount is no account id: it must be 12 digits"),
    (
        "aws:lambda/function:Function",
        {"memorySize": 64.0},
        "expected memorySize to be in the range (128 - 10240), got 64",
    ),
    (
        "aws:lambda/function:Function",
        {"runtime": "python2.7"},
        "expected runtime to be one of dotnet8, ",
    ),
    (
        "aws:lambda/function:Function",
        {"vpcConfig": {"subnetIds": ["subnet-1"]}},
        "Missing required argument: vpcConfig.securityGroupIds is required",
    ),
    (
        "aws:lambda/function:Function",
        {"layers": ["arn:aws:lambda:eu-west-1:123456789012:layer:a:1", "second"]},
        'layers[1] is an invalid ARN, got "second"',
    ),
    (
        "aws:lambda/function:Function",
        {"s3Bucket": "b", "s3Key": "k"},
        "code: only one of code, imageUri, s3Bucket can be specified, but code, s3Bucket were",
    ),
    (
        "aws:lambda/function:Function",
        {"code": None},
        "code: one of code, imageUri, s3Bucket must be specified",
    ),
    (
        "aws:lambda/function:Function",
        {"handler": None},
        "handler and runtime must be set when PackageType is Zip",
    ),
    (
        TABLE,
        {"attributes": [{"name": "pk", "type": "S"}, {"name": "sk", "type": "S"}]},
        "all attributes must be indexed. Unused attributes: ['sk']",
    ),
    (
        TABLE,
        {"rangeKey": "sk"},
        "all indexes must match a defined attribute. Unmatched indexes: ['sk']",
    ),
    (
        TABLE,
        {"attributes": [{"name": "pk", "type": "X"}]},
        'expected attributes[0].type to be one of S, N, B, got "X"',
    ),
    (
        TABLE,
        {"readCapacity": 1},
        'readCapacity conflicts with billingMode "PAY_PER_REQUEST", got 1',
    ),
    (TABLE, {"ttl": {"enabled": True}}, "ttl.attributeName is required when ttl.enabled is true"),
    (TABLE, {"streamEnabled": True}, "streamViewType is required when streamEnabled is true"),
    (ALARM, {"period": 45}, "expected period to be one of 10, 20, 30 or expected period to be "),
    (
        ALARM,
        {"statistic": None},
        "exactly one of statistic, extendedStatistic goes with metricName",
    ),
    (
        ALARM,
        {"threshold": 1, "thresholdMetricId": "m"},
        "threshold: conflicts with thresholdMetric",
    ),
    (
        ALARM,
        {"alarmDescription": "あ" * 342},
        "expected length of alarmDescription to be in the range (0 - 1024) bytes, it has 1026",
    ),
    (ALARM, {"okActions": ["a:" + ROLE]}, "okActions[0] is an invalid ARN or invalid value for ok"),
    (ALARM, {"okActions": [f"{ROLE}{n}" for n in range(6)]}, "okActions: 0 - 5 items are allowed"),
    (
        "aws:cloudwatch/eventRule:EventRule",
        {"scheduleExpression": None},
        "eventPattern: one of eventPattern, scheduleExpression must be specified",
    ),
    (
        "aws:cloudwatch/logGroup:LogGroup",
        {"retentionInDays": 31},
        "expected retentionInDays to be one of 0, 1, 3, 5, ",
    ),
    (
        "aws:cloudwatch/dashboard:Dashboard",
        {"dashboardBody": "{"},
        "dashboardBody contains an invalid JSON: ",
    ),
    (
        "aws:iam/rolePolicy:RolePolicy",
        {"policy": ' {"Version": "2012-10-17"}'},
        "policy contains an invalid JSON policy: it must begin with {",
    ),
    (
        "aws:iam/rolePolicy:RolePolicy",
        {"role": ROLE},
        f'role: must be the role\'s name not its ARN, got "{ROLE}"',
    ),
    ("aws:kms/alias:Alias", {"name": "mine"}, "invalid value for name (must begin with 'alias/'"),
    ("aws:kms/alias:Alias", {"name": "alias/aws/mine"}, "invalid value for name (must begin with"),
    (
        "aws:secretsmanager/secret:Secret",
        {"recoveryWindowInDays": 3},
        "expected recoveryWindowInDays to be one of 0 or expected recoveryWindowInDays to be",
    ),
    (
        "aws:secretsmanager/secretVersion:SecretVersion",
        {"secretBinary": "+"},
        "secretBinary must be base64-encoded",
    ),
    (
        "aws:sns/topic:Topic",
        {"contentBasedDeduplication": True},
        "contentBasedDeduplication can only be set when fifoTopic is true",
    ),
    (
        "aws:sns/topicSubscription:TopicSubscription",
        {"filterPolicyScope": "MessageBody"},
        "filterPolicyScope: all of filterPolicyScope, filterPolicy must be specified",
    ),
    (
        "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
        {"url": "http://token.actions.githubusercontent.com"},
        "url must be a URL with https and no query",
    ),
]


@pytest.mark.parametrize(("type_", "changed", "problem"), REFUSED)
def test_a_wrong_input_is_refused_in_the_providers_words(
    type_: str, changed: dict[str, Any], problem: str
) -> None:
    found = problems(type_, **changed)
    assert any(each.startswith(problem) for each in found), found


@pytest.mark.parametrize(("type_", "changed", "_problem"), REFUSED)
def test_what_is_not_known_yet_is_refused_only_where_it_may_not_stand(
    type_: str, changed: dict[str, Any], _problem: str
) -> None:
    unknown = {name: UNKNOWN for name, value in changed.items() if value is not None}
    if unknown and len(changed) == 1:
        kinds = ("conflicts", "only one of", "all of", "can only be set")
        left = [each for each in problems(type_, **unknown) if not any(k in each for k in kinds)]
        assert left == []


def test_a_secrets_value_is_not_shown() -> None:
    (failure,) = check(
        facts_about("aws:cloudwatch/dashboard:Dashboard"),
        {"dashboardName": "d", "dashboardBody": "hunter2"},
    )
    assert "hunter2" in failure.text()
    assert "hunter2" not in failure.text(hidden=True)
    assert "got [secret]" in failure.text(hidden=True)


def test_what_the_facts_do_not_know_is_named_by_its_path() -> None:
    facts = facts_about(TABLE)
    given = {**VALID[TABLE], "replicas": [{"regionName": "eu-west-1"}], "tags": {"any": "key"}}
    assert undescribed(facts, given) == ["replicas", "replicas[]", "replicas[].regionName"]
    assert undescribed(facts, {"ttl": {"enabled": True, "attribute": "x"}}) == ["ttl.attribute"]


@given(st.text(min_size=1))
@example("0\n")
def test_a_statement_id_of_its_alphabet_is_taken_and_any_other_is_refused(text: str) -> None:
    letters = set(string.ascii_letters + string.digits + "_-")
    allowed = set(text) <= letters and len(text) <= 100
    assert (problems(PERMISSION, statementId=text) == []) == allowed


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text() | st.just(UNKNOWN),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(all_types()), st.data())
def test_whatever_the_inputs_a_failure_names_one_of_them(type_: str, data: st.DataObject) -> None:
    facts = facts_about(type_)
    names = sorted({path.partition(".")[0].partition("[")[0] for path in facts.properties})
    inputs = data.draw(st.dictionaries(st.sampled_from(names), json_values, max_size=4))
    for failure in check(facts, inputs):
        assert failure.where.partition(".")[0].partition("[")[0] in names
        assert failure.text()
        assert json.dumps(failure.text())

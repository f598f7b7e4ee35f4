"""`verify` calls a healthy stack healthy, and names each defect that is planted in it."""

import json
from dataclasses import replace
from typing import Any

import pytest

from components.names import ALIAS
from declared.program import evaluate
from declared.throwaway_secrets import throwaway_secrets
from handlers.contract.functions import SLACK_NOTIFIER, TASK_GENERATION, WORKFLOW_STATUS
from localcloud.cluster.state import CloudState
from ops.stack import Stack
from ops.verify.expected import expected
from ops.verify.facts import Facts
from tests.ops.answers import Altered, Change
from tests.ops.releases import other_package, release
from tests.ops.verify.checked import Plant, failed, lines, newly_failed
from tests.ops.verify.conftest import Damaged


@pytest.fixture(scope="session")
def stack(damaged: Damaged) -> Stack:
    return damaged.stack


@pytest.fixture(scope="session")
def state(damaged: Damaged) -> CloudState:
    return damaged.state


@pytest.fixture(scope="session")
def declared(damaged: Damaged) -> Facts:
    return damaged.declared


def test_a_healthy_stack_is_called_healthy(damaged: Damaged) -> None:
    assert [line for line in damaged.healthy if not line.passed] == []
    assert len(damaged.healthy) > 200


# -- defects planted by the calls that cause them; they stay, so each counts what it adds


def an_unreleased_version(stack: Stack) -> None:
    name = stack.names.function(WORKFLOW_STATUS)
    functions = stack.client("lambda")
    functions.update_function_configuration(FunctionName=name, Description="not released")
    functions.publish_version(FunctionName=name)


def another_package_live(stack: Stack) -> None:
    release(stack, stack.names.function(SLACK_NOTIFIER), other_package(stack, "by hand"))


def a_shorter_time_out(stack: Stack) -> None:
    name = stack.names.function(TASK_GENERATION)
    functions = stack.client("lambda")
    functions.update_function_configuration(FunctionName=name, Timeout=30)
    version = functions.publish_version(FunctionName=name)["Version"]
    functions.update_alias(FunctionName=name, Name=ALIAS, FunctionVersion=version)


def an_edited_definition(stack: Stack) -> None:
    client, arn = stack.client("stepfunctions"), stack.names.state_machine_arn
    definition = json.loads(client.describe_state_machine(stateMachineArn=arn)["definition"])
    definition["TimeoutSeconds"] = 5
    version = client.update_state_machine(
        stateMachineArn=arn, definition=json.dumps(definition), publish=True
    )["stateMachineVersionArn"]
    client.update_state_machine_alias(
        stateMachineAliasArn=stack.names.state_machine_alias_arn,
        routingConfiguration=[{"stateMachineVersionArn": version, "weight": 100}],
    )


def no_ttl(stack: Stack) -> None:
    stack.client("dynamodb").update_time_to_live(
        TableName=stack.names.table,
        TimeToLiveSpecification={"Enabled": False, "AttributeName": "ttl"},
    )


def no_point_in_time_recovery(stack: Stack) -> None:
    stack.client("dynamodb").update_continuous_backups(
        TableName=stack.names.table,
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False},
    )


def a_shorter_retention(stack: Stack) -> None:
    stack.client("logs").put_retention_policy(
        logGroupName=stack.names.api_log_group, retentionInDays=3
    )


def a_higher_threshold(stack: Stack) -> None:
    client, name = stack.client("cloudwatch"), f"{stack.names.prefix}-workflow-failure-rate-high"
    alarm = client.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]
    kept = ("AlarmName", "ComparisonOperator", "EvaluationPeriods", "Metrics")
    client.put_metric_alarm(**{key: alarm[key] for key in kept}, Threshold=90)


def a_missing_subscription(stack: Stack) -> None:
    client = stack.client("sns")
    arn = stack.names.topic_arn(stack.names.alerts_topic)
    for each in client.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]:
        client.unsubscribe(SubscriptionArn=each["SubscriptionArn"])


def a_disabled_rule(stack: Stack) -> None:
    stack.client("events").disable_rule(Name=stack.names.sweep_rule)


def a_rule_without_a_target(stack: Stack) -> None:
    client, rule = stack.client("events"), stack.names.ended_rule
    targets = client.list_targets_by_rule(Rule=rule)["Targets"]
    client.remove_targets(Rule=rule, Ids=[target["Id"] for target in targets])


def a_disabled_queue_reader(stack: Stack) -> None:
    client = stack.client("lambda")
    for mapping in client.list_event_source_mappings()["EventSourceMappings"]:
        client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)


def no_key_rotation(stack: Stack) -> None:
    stack.client("kms").disable_key_rotation(KeyId=stack.key_arn)


def a_disabled_archive(stack: Stack) -> None:
    stack.client("events").disable_rule(Name=stack.names.archive_rule)


PLANTED: list[tuple[Plant, str, str]] = [
    (an_unreleased_version, "function goal-mandala-local-workflow-status", "live version"),
    (another_package_live, "function goal-mandala-local-slack-notifier", "CodeSha256"),
    (a_shorter_time_out, "function goal-mandala-local-task-generation", "time-out"),
    (an_edited_definition, "state machine TaskGenerationWorkflow-local", "definition"),
    (no_ttl, "table WorkflowExecution-local", "TTL"),
    (no_point_in_time_recovery, "table WorkflowExecution-local", "point-in-time recovery"),
    (a_shorter_retention, "log group /aws/apigateway/goal-mandala-local-workflow-api", "retention"),
    (a_higher_threshold, "alarm goal-mandala-local-workflow-failure-rate-high", "threshold"),
    (a_missing_subscription, "topic workflow-alerts-local", "subscription sqs"),
    (a_disabled_rule, "rule goal-mandala-local-reconcile-sweep", "state"),
    (a_rule_without_a_target, "rule goal-mandala-local-execution-ended", "target"),
    (a_disabled_queue_reader, "queue reader goal-mandala-local-slack-notifier", "state"),
    (a_disabled_archive, "rule goal-mandala-local-archive", "state"),
    (no_key_rotation, "key alias/goal-mandala-local-workflow", "rotation"),
]


@pytest.mark.parametrize(
    ("plant", "subject", "check"), PLANTED, ids=[plant.__name__ for plant, _, _ in PLANTED]
)
def test_a_planted_defect_is_named(
    plant: Plant, subject: str, check: str, declared: Facts, stack: Stack
) -> None:
    added = newly_failed(plant, declared, stack)
    assert added
    assert all(where == subject for where, _ in added)
    assert any(what.startswith(check) for _, what in added)


# -- defects that the embedded cloud cannot be made to have, in the answers of AWS's API


def _first(parsed: dict[str, Any], name: str) -> dict[str, Any]:
    return parsed[name][0]


ALTERED: list[tuple[str, str, str, Change, str, str]] = [
    (
        "an e-mail nobody confirmed",
        "sns",
        "ListSubscriptionsByTopic",
        lambda answer: (
            answer["Subscriptions"]
            and _first(answer, "Subscriptions").update(SubscriptionArn="PendingConfirmation")
        ),
        "topic workflow-notifications-local",
        "PendingConfirmation",
    ),
    (
        "a table without our key",
        "dynamodb",
        "DescribeTable",
        lambda answer: answer["Table"]["SSEDescription"].update(
            KMSMasterKeyArn="arn:aws:kms:ap-northeast-1:123456789012:key/aws-managed"
        ),
        "table WorkflowExecution-local",
        "key/aws-managed",
    ),
    (
        "a table keyed otherwise",
        "dynamodb",
        "DescribeTable",
        lambda answer: answer["Table"]["KeySchema"].pop(),
        "table WorkflowExecution-local",
        "pk HASH",
    ),
    (
        "an index still being built",
        "dynamodb",
        "DescribeTable",
        lambda answer: _first(answer["Table"], "GlobalSecondaryIndexes").update(
            IndexStatus="CREATING"
        ),
        "table WorkflowExecution-local",
        "CREATING",
    ),
    (
        "a canary left behind",
        "lambda",
        "GetAlias",
        lambda answer: answer.update(RoutingConfig={"AdditionalVersionWeights": {"3": 0.1}}),
        "function goal-mandala-local-workflow-start",
        "3: 10%",
    ),
    (
        "logs without our key",
        "logs",
        "DescribeLogGroups",
        lambda answer: _first(answer, "logGroups").pop("kmsKeyId"),
        "log group /aws/states/TaskGenerationWorkflow-local",
        "AWS's own key",
    ),
    (
        "a deleted alarm",
        "cloudwatch",
        "DescribeAlarms",
        lambda answer: answer["CompositeAlarms"] and answer["CompositeAlarms"].pop(),
        "alarm goal-mandala-local-",
        "absent",
    ),
    (
        "a composite alarm muted",
        "cloudwatch",
        "DescribeAlarms",
        lambda answer: (
            answer["CompositeAlarms"]
            and _first(answer, "CompositeAlarms").update(ActionsEnabled=False)
        ),
        "alarm goal-mandala-local-",
        "off",
    ),
]


@pytest.mark.parametrize(
    ("service", "operation", "change", "subject", "shown"),
    [case[1:] for case in ALTERED],
    ids=[case[0] for case in ALTERED],
)
def test_a_defect_in_awss_answer_is_named(
    *,
    service: str,
    operation: str,
    change: Change,
    subject: str,
    shown: str,
    declared: Facts,
    stack: Stack,
    state: CloudState,
) -> None:
    altered = replace(stack, session=Altered(state, service, operation, change))
    found_so = {(line.subject, line.found) for line in lines(declared, altered) if not line.passed}
    assert any(where.startswith(subject) and shown in what for where, what in found_so)
    assert not any(
        where.startswith(subject) and shown in line.found
        for line in lines(declared, stack)
        for where in [line.subject]
        if not line.passed
    )


def test_an_api_that_does_not_answer_is_named(declared: Facts, stack: Stack) -> None:
    closed = replace(stack, api_url="http://127.0.0.1:9")
    subject = f"API {stack.names.api}"
    assert (subject, "GET /health") in failed(declared, closed)


def test_what_the_operator_may_not_read_has_not_passed(
    declared: Facts, stack: Stack, state: CloudState
) -> None:
    from botocore.exceptions import ClientError

    def refuse(_answer: dict[str, Any]) -> None:
        raise ClientError(
            {"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "DescribeRule"
        )

    refused = replace(stack, session=Altered(state, "events", "DescribeRule", refuse))
    rule = f"rule {stack.names.sweep_rule}"
    found_so = [line.found for line in lines(declared, refused) if line.subject == rule]
    assert found_so
    assert all("may not call DescribeRule" in found for found in found_so)


def test_a_pinned_version_is_expected_to_be_live(stack: Stack) -> None:
    program = evaluate("local", throwaway_secrets())
    pinned = expected(program, stack.names, stack.packages, {"workflow-start": 7})
    checks = pinned[f"function {stack.names.prefix}-workflow-start"]
    assert checks["live version"] == "7"
    assert not {"CodeSha256", "time-out", "memory"} & set(checks)

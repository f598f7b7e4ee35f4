"""From the topics to Slack, as every stack declares it."""

import json
import re
from typing import Any

import pytest

from components.iam.function_policies import function_policy
from components.monitoring.monitoring import Monitoring
from components.monitoring.slack_notifications import filter_policy
from components.names import Names
from components.settings import ENVIRONMENTS, Settings, SettingsError, parse
from declared.program import Program
from declared.resources import DeclaredResource
from handlers.contract.functions import SLACK_NOTIFIER
from tests.components.conftest import Evaluate

every_stack = pytest.mark.parametrize("stack", ENVIRONMENTS)


def named(program: Program, name: str) -> DeclaredResource:
    (resource,) = [each for each in program.resources if each.name == name]
    return resource


@every_stack
def test_both_topics_deliver_to_the_queue_or_to_its_dead_letters(
    stack: str, deployed: Evaluate
) -> None:
    program = deployed(stack)
    dead_letters = f"goal-mandala-{stack}-slack-dead-letters"
    topics = {"alerts": "alertsTopicArn", "notifications": "notificationsTopicArn"}
    for kind, export in topics.items():
        subscription = named(program, f"slack-{kind}").inputs
        assert subscription["protocol"] == "sqs"
        assert subscription["topic"] == program.exports[export]
        assert subscription["endpoint"].endswith(f":goal-mandala-{stack}-slack")
        redrive = json.loads(subscription["redrivePolicy"])
        assert redrive["deadLetterTargetArn"].endswith(f":{dead_letters}")
    queue = named(program, "slack-queue").inputs
    redrive = json.loads(queue["redrivePolicy"])
    assert redrive["deadLetterTargetArn"].endswith(f":{dead_letters}")
    assert queue["visibilityTimeoutSeconds"] >= 6 * SLACK_NOTIFIER.timeout_seconds


@every_stack
def test_only_the_stacks_topics_may_send_to_the_queues_and_use_the_key(
    stack: str, deployed: Evaluate
) -> None:
    program = deployed(stack)
    topics = {program.exports[f"{kind}TopicArn"] for kind in ("alerts", "notifications")}
    documents = [
        named(program, "slack-queue-policy").inputs["policy"],
        named(program, "slack-dead-letters-policy").inputs["policy"],
        named(program, "keys-key").inputs["policy"],
    ]
    for text in documents:
        allowed = [
            statement
            for statement in json.loads(text)["Statement"]
            if statement["Principal"] == {"Service": "sns.amazonaws.com"}
        ]
        assert len(allowed) == 1
        assert set(allowed[0]["Condition"]["ArnEquals"]["aws:SourceArn"]) == topics
        assert allowed[0]["Condition"]["StringEquals"] == {"aws:SourceAccount": "123456789012"}


@every_stack
def test_the_alias_reads_the_queue_in_batches_and_reports_failed_items(
    stack: str, deployed: Evaluate
) -> None:
    program = deployed(stack)
    mapping = named(program, "slack-mapping").inputs
    assert mapping["functionName"] == program.exports["functionArns"]["slack-notifier"]
    assert mapping["eventSourceArn"].endswith(f":goal-mandala-{stack}-slack")
    assert mapping["functionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["maximumBatchingWindowInSeconds"] > 0  # as AWS asks of batches over 10
    assert mapping["scalingConfig"] == {"maximumConcurrency": 2}


def filtered(settings: Settings, message: dict[str, Any]) -> bool:
    """Whether SNS's filter lets a message through, by its documented rules for one key."""
    rules: Any = filter_policy(settings.slack)["status"]
    present = "status" in message
    return any(
        (rule == {"exists": False} and not present) or (present and rule == message["status"])
        for rule in rules
    )


def test_the_filter_drops_successes_and_passes_alarms_of_the_same_topic(settings: Settings) -> None:
    assert filtered(settings, {"status": "PARTIALLY_SUCCEEDED"})
    assert filtered(settings, {"status": "FAILED"})
    assert not filtered(settings, {"status": "SUCCEEDED"})
    assert not filtered(settings, {"status": "ABORTED"})
    assert filtered(settings, {"AlarmName": "goal-mandala-dev-notices"})


def test_the_endings_that_the_filter_passes_are_a_setting(configured: dict[str, str]) -> None:
    settings = parse({**configured, "slack": '{"endings": ["SUCCEEDED"]}'}, {})
    assert filtered(settings, {"status": "SUCCEEDED"})
    assert not filtered(settings, {"status": "FAILED"})


@pytest.mark.parametrize(
    ("mention", "markup"),
    [
        (None, ""),
        ("here", "<!here>"),
        ("channel", "<!channel>"),
        ("S0123ABCD", "<!subteam^S0123ABCD>"),
        ("U0123ABCD", "<@U0123ABCD>"),
    ],
)
def test_the_mention_of_an_escalation_is_a_setting(
    mention: str | None, markup: str, configured: dict[str, str]
) -> None:
    settings = parse({**configured, "slack": json.dumps({"mention": mention})}, {})
    assert settings.slack.mention_markup == markup


def test_a_mention_in_markup_is_refused(configured: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=r"slack\.mention"):
        parse({**configured, "slack": '{"mention": "<!everyone>"}'}, {})


def test_the_function_may_read_one_queue_one_secret_and_the_alarms_that_composites_name(
    names: Names, settings: Settings
) -> None:
    monitoring = Monitoring(names, settings)
    statements = function_policy(SLACK_NOTIFIER, names, settings, monitoring.children)
    by_action = {
        action: set(statement["Resource"])
        for statement in statements
        for action in statement["Action"]
    }
    assert by_action["sqs:ReceiveMessage"] == {names.queue_arn(names.slack_queue)}
    assert by_action["sqs:ChangeMessageVisibility"] == {names.queue_arn(names.slack_queue)}
    assert by_action["sqs:SendMessage"] == {names.queue_arn(names.slack_dead_letter_queue)}
    assert by_action["secretsmanager:GetSecretValue"] == {names.secret_arns("slack-webhook")}
    composites = {each.name for each in monitoring.composites}
    children = {
        name
        for composite in monitoring.composites
        for name in re.findall(r'ALARM\("([^"]+)"\)', composite.rule)
        if name not in composites
    }
    assert by_action["cloudwatch:DescribeAlarms"] == {names.alarm_arn(name) for name in children}

"""Events and their targets: EventBridge, SNS, asynchronous invocations."""

import json
from typing import Any

import pytest

from tests.localcloud.emulated import EmulatedAws, lines, statement, wait_until


def _listener(aws: EmulatedAws, log: str) -> str:
    """A function that writes each event to a log."""
    source = (
        "import json\n"
        "def handler(event, context):\n"
        f"    with open({log!r}, 'a') as log: log.write(json.dumps(event) + '\\n')\n"
    )
    return aws.function(aws.role("lambda"), source=source)


def _on_events(aws: EmulatedAws, function_arn: str, rule: str, **what: Any) -> None:
    events = aws.client("events")
    arn = events.put_rule(Name=rule, **what)["RuleArn"]
    aws.functions.add_permission(
        FunctionName=function_arn,
        StatementId="events",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceArn=arn,
    )
    events.put_targets(Rule=rule, Targets=[{"Id": "function", "Arn": function_arn}])


def _pattern(machine: str, *statuses: str) -> str:
    detail = {"status": list(statuses), "stateMachineArn": [machine]}
    kind = ["Step Functions Execution Status Change"]
    return json.dumps({"source": ["aws.states"], "detail-type": kind, "detail": detail})


def test_failed_timed_out_and_aborted_executions_match_a_rule_by_status(aws: EmulatedAws) -> None:
    log = aws.log()
    fails = {
        "Go": {
            "Type": "Choice",
            "Choices": [{"Condition": "{% $states.input.how = 'fail' %}", "Next": "Fail"}],
            "Default": "Maybe",
        },
        "Maybe": {
            "Type": "Choice",
            "Choices": [{"Condition": "{% $states.input.how = 'succeed' %}", "Next": "Succeed"}],
            "Default": "Wait",
        },
        "Wait": {"Type": "Wait", "Seconds": 30, "Next": "Succeed"},
        "Fail": {"Type": "Fail", "Error": "WorkflowFailed", "Cause": "on purpose"},
        "Succeed": {"Type": "Succeed"},
    }
    machine = aws.machine(fails, timeout=2)
    live, _ = aws.live(machine)
    _on_events(
        aws,
        _listener(aws, str(log)),
        "bad-ends",
        EventPattern=_pattern(machine, "FAILED", "TIMED_OUT", "ABORTED"),
    )

    arns = {how: aws.start(live, {"how": how}) for how in ("fail", "stop", "time out", "succeed")}
    aws.states.stop_execution(executionArn=arns["stop"], error="Cancelled", cause="by a user")
    wait_until(lambda: len(lines(log)) == 3)
    aws.ended(arns["succeed"])

    details = {event["detail"]["executionArn"]: event["detail"] for event in lines(log)}
    failed, stopped = details[arns["fail"]], details[arns["stop"]]
    timed_out = details[arns["time out"]]
    assert (failed["status"], failed["error"]) == ("FAILED", "WorkflowFailed")
    assert (stopped["status"], stopped["error"]) == ("ABORTED", "Cancelled")
    assert (timed_out["status"], timed_out["error"]) == ("TIMED_OUT", None)
    assert timed_out["stateMachineAliasArn"] == live
    assert timed_out["stopDate"] - timed_out["startDate"] >= 2000
    assert json.loads(timed_out["input"]) == {"how": "time out"}
    assert timed_out["name"] == arns["time out"].rpartition(":")[2]


def test_a_disabled_rule_invokes_no_target(aws: EmulatedAws) -> None:
    log = aws.log()
    machine = aws.machine({"Done": {"Type": "Succeed"}})
    listener = _listener(aws, str(log))
    pattern = _pattern(machine, "SUCCEEDED")
    _on_events(aws, listener, "disabled", EventPattern=pattern, State="DISABLED")
    aws.ended(aws.start(machine))
    assert lines(log) == []

    aws.client("events").enable_rule(Name="disabled")
    aws.ended(aws.start(machine))
    wait_until(lambda: len(lines(log)) == 1)


@pytest.mark.soak
def test_a_rule_with_a_rate_invokes_its_function_every_minute(aws: EmulatedAws) -> None:
    log = aws.log()
    _on_events(aws, _listener(aws, str(log)), "sweep", ScheduleExpression="rate(1 minute)")

    wait_until(lambda: lines(log), seconds=80)

    [event] = lines(log)
    assert (event["source"], event["detail-type"]) == ("aws.events", "Scheduled Event")


def test_a_pattern_that_is_not_valid_is_refused(aws: EmulatedAws) -> None:
    events = aws.client("events")

    with pytest.raises(events.exceptions.InvalidEventPatternException):
        events.put_rule(Name="bad", EventPattern='{"source": "aws.states"}')


def test_a_failed_asynchronous_invocation_goes_to_its_failure_destination(aws: EmulatedAws) -> None:
    sqs = aws.client("sqs")
    queue = sqs.create_queue(QueueName="failures")["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    arn = attributes["Attributes"]["QueueArn"]
    function = aws.function(aws.role("lambda", statement("sqs:SendMessage", arn)))
    aws.functions.put_function_event_invoke_config(
        FunctionName=function,
        MaximumRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": arn}},
    )

    aws.functions.invoke(
        FunctionName=function, InvocationType="Event", Payload=json.dumps({"raise": "Broken"})
    )

    [message] = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=5)["Messages"]
    failure = json.loads(message["Body"])
    assert failure["requestPayload"] == {"raise": "Broken"}
    assert failure["responsePayload"]["errorType"] == "Broken"


def test_a_topic_invokes_a_function(aws: EmulatedAws) -> None:
    log = aws.log()
    sns = aws.client("sns")
    topic = sns.create_topic(Name="alerts")["TopicArn"]
    listener = _listener(aws, str(log))
    aws.functions.add_permission(
        FunctionName=listener,
        StatementId="sns",
        Action="lambda:InvokeFunction",
        Principal="sns.amazonaws.com",
        SourceArn=topic,
    )
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=listener)

    sns.publish(TopicArn=topic, Message="hello", Subject="s")

    wait_until(lambda: len(lines(log)) == 1)
    assert lines(log)[0]["Records"][0]["Sns"]["Message"] == "hello"

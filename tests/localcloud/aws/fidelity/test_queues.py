"""A topic, its subscribed queue, and the function that reads the queue."""

import json
from pathlib import Path
from typing import Any

from tests.localcloud.emulated import EmulatedAws, document, lines, wait_until

READER = """
import json

def handler(event, context):
    with open({log!r}, "a") as log:
        for record in event["Records"]:
            received = record["attributes"]["ApproximateReceiveCount"]
            log.write(json.dumps([record["body"], received, record["receiptHandle"]]) + "\\n")
    failed = [each["messageId"] for each in event["Records"] if each["body"] == "fails"]
    return {{"batchItemFailures": [{{"itemIdentifier": each}} for each in failed]}}
"""


def _queue(aws: EmulatedAws, name: str, **attributes: str) -> tuple[str, str]:
    """The URL and the ARN of a new queue."""
    sqs = aws.client("sqs")
    url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return url, found["Attributes"]["QueueArn"]


def _read(aws: EmulatedAws, queue_arn: str, log: Path) -> None:
    function = aws.function(aws.role("lambda"), source=READER.format(log=str(log)))
    aws.functions.create_event_source_mapping(
        EventSourceArn=queue_arn,
        FunctionName=function,
        BatchSize=10,
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )


def test_a_topic_sends_only_to_a_queue_whose_policy_allows_it(aws: EmulatedAws) -> None:
    sns, sqs = aws.client("sns"), aws.client("sqs")
    topic = sns.create_topic(Name="fanout")["TopicArn"]
    url, arn = _queue(aws, "fanout")
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    sns.publish(TopicArn=topic, Message="refused")
    allowed: Any = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
    }
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": document(allowed)})
    sns.publish(TopicArn=topic, Message="accepted")

    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert [json.loads(each["Body"])["Message"] for each in messages] == ["accepted"]


def test_a_failed_message_of_a_batch_is_received_again_and_becomes_a_dead_letter(
    aws: EmulatedAws,
) -> None:
    log = aws.log()
    letters, letters_arn = _queue(aws, "letters")
    redrive = json.dumps({"deadLetterTargetArn": letters_arn, "maxReceiveCount": 2})
    url, arn = _queue(aws, "read", VisibilityTimeout="600", RedrivePolicy=redrive)
    sqs = aws.client("sqs")
    for body in ("works", "fails"):
        sqs.send_message(QueueUrl=url, MessageBody=body)
    _read(aws, arn, log)

    def give_back(times: int) -> None:
        wait_until(lambda: _failed(log, times))
        receipt = _failed(log, times)[0]
        sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=receipt, VisibilityTimeout=0)

    give_back(1)
    give_back(2)
    wait_until(lambda: "Messages" in sqs.receive_message(QueueUrl=letters, VisibilityTimeout=0))
    read = sorted((body, received) for body, received, _ in lines(log))
    assert read == [("fails", "1"), ("fails", "2"), ("works", "1")]


def _failed(log: Path, times: int) -> list[str]:
    """The receipt handle of the failing message at its n-th receive."""
    return [receipt for body, n, receipt in lines(log) if (body, n) == ("fails", str(times))]

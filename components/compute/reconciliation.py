"""What calls workflow-reconcile: the end of an execution, and a sweep for the ends nobody told."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.iam.grants import Statement, document, senders
from components.names import Names

SWEEP_SCHEDULE = "rate(5 minutes)"
"""Status events are best effort; within this time after its deadline every execution ends."""

_EVENT_AGE_SECONDS = 3600
_FORTNIGHT_SECONDS = 14 * 24 * 3600


@dataclass(frozen=True)
class ReconciliationArgs:
    """What differs between stacks.

    alias: of the function workflow-reconcile.
    kms_key_arn: customer key of the dead-letter queue.
    after: what the function needs to do its work: the state machine's alias.
    """

    names: Names
    alias: aws.lambda_.Alias
    kms_key_arn: pulumi.Input[str]
    after: Sequence[pulumi.Resource]


class Reconciliation(pulumi.ComponentResource):
    """Two rules that invoke one function; what cannot be delivered or handled goes to a queue."""

    queue: aws.sqs.Queue

    def __init__(
        self,
        name: str,
        args: ReconciliationArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("goalmandala:workflow:Reconciliation", name, None, opts)
        self._name = name
        self._args = args
        names = args.names
        self.queue = aws.sqs.Queue(
            f"{name}-dead-letters",
            name=names.dead_letter_queue,
            kms_master_key_id=args.kms_key_arn,
            message_retention_seconds=_FORTNIGHT_SECONDS,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self._queue_policy = aws.sqs.QueuePolicy(
            f"{name}-dead-letters-policy",
            queue_url=self.queue.url,
            policy=document(queue_policy(names)),
            opts=pulumi.ResourceOptions(parent=self.queue),
        )
        aws.lambda_.FunctionEventInvokeConfig(
            f"{name}-invocations",
            function_name=args.alias.function_name,
            qualifier=args.alias.name,
            maximum_retry_attempts=2,
            maximum_event_age_in_seconds=_EVENT_AGE_SECONDS,
            destination_config={"on_failure": {"destination": self.queue.arn}},
            opts=pulumi.ResourceOptions(parent=self),
        )
        ended = aws.cloudwatch.EventRule(
            f"{name}-ended",
            name=names.ended_rule,
            description="An execution ended without its last state",
            event_pattern=json.dumps(ended_pattern(names)),
            opts=pulumi.ResourceOptions(parent=self),
        )
        sweep = aws.cloudwatch.EventRule(
            f"{name}-sweep",
            name=names.sweep_rule,
            description="Looks for executions that ended and nobody said so",
            schedule_expression=SWEEP_SCHEDULE,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self._invoke("ended", names.ended_rule, ended)
        self._invoke("sweep", names.sweep_rule, sweep)
        self.register_outputs({"deadLetterQueueArn": self.queue.arn})

    def _invoke(self, kind: str, rule_name: str, rule: aws.cloudwatch.EventRule) -> None:
        permission = aws.lambda_.Permission(
            f"{self._name}-{kind}-permission",
            action="lambda:InvokeFunction",
            function=self._args.alias.function_name,
            qualifier=self._args.alias.name,
            principal="events.amazonaws.com",
            source_arn=self._args.names.rule_arn(rule_name),
            opts=pulumi.ResourceOptions(parent=rule, depends_on=[rule]),
        )
        aws.cloudwatch.EventTarget(
            f"{self._name}-{kind}-target",
            rule=rule.name,
            target_id="workflow-reconcile",
            arn=self._args.alias.arn,
            retry_policy={
                "maximum_event_age_in_seconds": _EVENT_AGE_SECONDS,
                "maximum_retry_attempts": 10,
            },
            dead_letter_config={"arn": self.queue.arn},
            opts=pulumi.ResourceOptions(
                parent=rule, depends_on=[permission, self._queue_policy, *self._args.after]
            ),
        )


def ended_pattern(names: Names) -> dict[str, object]:
    """Endings of our machine that Finish knows nothing of."""
    return {
        "source": ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        "detail": {
            "stateMachineArn": [names.state_machine_arn],
            "status": ["FAILED", "TIMED_OUT", "ABORTED"],
        },
    }


def queue_policy(names: Names) -> list[Statement]:
    """Our two rules may send, everybody only over TLS."""
    rules = [names.rule_arn(names.ended_rule), names.rule_arn(names.sweep_rule)]
    return senders(names, names.dead_letter_queue, "Events", "events.amazonaws.com", rules)

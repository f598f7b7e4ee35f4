"""What calls workflow-reconcile: an event when an execution ends, and a regular sweep."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.compute.rule_target import failed_invocations, invoke_function
from components.data.encrypted_queue import Senders, encrypted_queue
from components.names import Names
from handlers.contract.functions import WORKFLOW_RECONCILE
from handlers.contract.timing import SWEEP_MINUTES


@dataclass(frozen=True)
class ReconciliationArgs:
    """What differs between stacks.

    alias: of the function workflow-reconcile.
    kms_key_arn: customer key of the dead-letter queue.
    after: what the function needs before it is called: the state machine's alias.
    """

    names: Names
    alias: aws.lambda_.Alias
    kms_key_arn: pulumi.Input[str]
    after: Sequence[pulumi.Resource]


class Reconciliation(pulumi.ComponentResource):
    """Two rules that invoke one function; what cannot be delivered or handled goes to a queue."""

    queue: aws.sqs.Queue
    sweep: aws.cloudwatch.EventTarget

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
        self.queue, self._queue_policy = encrypted_queue(
            f"{name}-dead-letters",
            names.dead_letter_queue,
            names=names,
            senders=Senders("Events", "events.amazonaws.com", names.rule_arns),
            kms_key_arn=args.kms_key_arn,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self._failures = failed_invocations(
            f"{name}-invocations", args.alias, self.queue, pulumi.ResourceOptions(parent=self)
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
            schedule_expression=f"rate({SWEEP_MINUTES} minutes)",
            opts=pulumi.ResourceOptions(parent=self),
        )
        self._invoke("ended", names.ended_rule, ended)
        self.sweep = self._invoke("sweep", names.sweep_rule, sweep)
        self.register_outputs({"deadLetterQueueArn": self.queue.arn})

    def _invoke(
        self, kind: str, rule_name: str, rule: aws.cloudwatch.EventRule
    ) -> aws.cloudwatch.EventTarget:
        return invoke_function(
            f"{self._name}-{kind}",
            rule,
            self._args.names.rule_arn(rule_name),
            self._args.alias,
            target_id=WORKFLOW_RECONCILE.name,
            dead_letters=self.queue,
            after=[self._queue_policy, self._failures, *self._args.after],
        )


def ended_pattern(names: Names) -> dict[str, object]:
    """Endings of the stack's executions that do not come from the state Finish."""
    return {
        "source": ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        "detail": {
            "stateMachineArn": [names.state_machine_arn],
            "status": ["FAILED", "TIMED_OUT", "ABORTED"],
        },
    }

"""What calls workflow-archive: a schedule."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.compute.rule_target import failed_invocations, invoke_function
from components.data.encrypted_queue import Senders, encrypted_queue
from components.names import Names
from handlers.contract.archive import ARCHIVE_HOURS
from handlers.contract.functions import WORKFLOW_ARCHIVE


@dataclass(frozen=True)
class ArchivingArgs:
    """What differs between stacks.

    alias: of the function workflow-archive.
    kms_key_arn: customer key of the dead-letter queue.
    after: what the function needs before it is called: the bucket's configurations, the table.
    """

    names: Names
    alias: aws.lambda_.Alias
    kms_key_arn: pulumi.Input[str]
    after: Sequence[pulumi.Resource]


class Archiving(pulumi.ComponentResource):
    """A rule that invokes one function; what cannot be delivered or handled goes to a queue."""

    queue: aws.sqs.Queue
    target: aws.cloudwatch.EventTarget

    def __init__(
        self,
        name: str,
        args: ArchivingArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("goalmandala:workflow:Archiving", name, None, opts)
        names = args.names
        rule_arn = names.rule_arn(names.archive_rule)
        self.queue, queue_policy = encrypted_queue(
            f"{name}-dead-letters",
            names.archive_dead_letter_queue,
            names=names,
            senders=Senders("Events", "events.amazonaws.com", [rule_arn]),
            kms_key_arn=args.kms_key_arn,
            opts=pulumi.ResourceOptions(parent=self),
        )
        failures = failed_invocations(
            f"{name}-invocations", args.alias, self.queue, pulumi.ResourceOptions(parent=self)
        )
        rule = aws.cloudwatch.EventRule(
            f"{name}-rule",
            name=names.archive_rule,
            description="Copies executions to S3 before the table deletes them",
            schedule_expression=f"rate({ARCHIVE_HOURS} hours)",
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.target = invoke_function(
            name,
            rule,
            rule_arn,
            args.alias,
            target_id=WORKFLOW_ARCHIVE.name,
            dead_letters=self.queue,
            after=[queue_policy, failures, *args.after],
        )
        self.register_outputs({"deadLetterQueueArn": self.queue.arn})

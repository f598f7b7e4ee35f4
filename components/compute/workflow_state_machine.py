"""The state machine: its role, its log, its published versions and the alias that runs one."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.compute.state_machine_definition import Workflow, definition
from components.iam.documents import document, trust
from components.iam.state_machine_policy import state_machine_policy
from components.names import ALIAS, Names
from components.settings import STATE_MACHINE_PIN, Settings
from handlers.contract.functions import (
    TASK_GENERATION,
    WORKFLOW_FINISH,
    WORKFLOW_PREPARE,
    WORKFLOW_SAVE_BATCH,
)


@dataclass(frozen=True)
class WorkflowStateMachineArgs:
    """What differs between stacks.

    kms_key_arn: customer key of the log.
    after: what must be there before an execution runs: the functions' aliases, the topic's policy,
        the table and the key's alias. The definition and the role name them by computed strings,
        which carry no dependency.
    """

    names: Names
    settings: Settings
    kms_key_arn: pulumi.Input[str]
    after: Sequence[pulumi.Resource]


class WorkflowStateMachine(pulumi.ComponentResource):
    """A standard workflow. Every change publishes a version; `live` runs the newest, or a pin."""

    machine: aws.sfn.StateMachine
    alias: aws.sfn.Alias

    def __init__(
        self,
        name: str,
        args: WorkflowStateMachineArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("goalmandala:workflow:WorkflowStateMachine", name, None, opts)
        names, settings = args.names, args.settings
        log_group = aws.cloudwatch.LogGroup(
            f"{name}-log",
            name=names.state_machine_log_group,
            kms_key_id=args.kms_key_arn,
            retention_in_days=settings.log_retention_days,
            opts=pulumi.ResourceOptions(parent=self, retain_on_delete=settings.protect),
        )
        role = aws.iam.Role(
            f"{name}-role",
            name=names.state_machine_role,
            assume_role_policy=trust(
                "states.amazonaws.com",
                StringEquals={"aws:SourceAccount": names.account},
                # An execution of a version or an alias comes with the qualified ARN.
                ArnLike={
                    "aws:SourceArn": [names.state_machine_arn, f"{names.state_machine_arn}:*"]
                },
            ),
            permissions_boundary=names.boundary_arn if settings.permissions_boundary else None,
            opts=pulumi.ResourceOptions(parent=self),
        )
        policy = aws.iam.RolePolicy(
            f"{name}-policy",
            name="permissions",
            role=role.name,
            policy=document(state_machine_policy(names)),
            opts=pulumi.ResourceOptions(parent=role),
        )
        self.machine = aws.sfn.StateMachine(
            f"{name}-machine",
            name=names.state_machine,
            type="STANDARD",
            role_arn=role.arn,
            definition=json.dumps(definition(workflow(names, settings))),
            publish=True,
            # Only ALL logs successes. Without data: it is the users'.
            logging_configuration={
                "level": "ALL",
                "include_execution_data": False,
                "log_destination": f"{names.log_group_arn(names.state_machine_log_group)}:*",
            },
            tracing_configuration={"enabled": True},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy, log_group, *args.after]),
        )
        pin = settings.pins.get(STATE_MACHINE_PIN)
        newest = self.machine.state_machine_version_arn
        # made of the machine's output: the alias is then seen to belong to it
        version = pulumi.Output.concat(self.machine.arn, f":{pin}") if pin else newest
        self.alias = aws.sfn.Alias(
            f"{name}-{ALIAS}",
            name=ALIAS,
            routing_configurations=[
                {
                    "state_machine_version_arn": version,
                    "weight": 100,
                }
            ],
            opts=pulumi.ResourceOptions(parent=self.machine),
        )
        self.register_outputs({"aliasArn": self.alias.arn})


def workflow(names: Names, settings: Settings) -> Workflow:
    """What the definition depends on, of one stack."""
    return Workflow(
        prepare=names.function_alias_arn(WORKFLOW_PREPARE),
        generate=names.function_alias_arn(TASK_GENERATION),
        save=names.function_alias_arn(WORKFLOW_SAVE_BATCH),
        finish=names.function_alias_arn(WORKFLOW_FINISH),
        table_name=names.table,
        topic_arn=names.topic_arn(names.notifications_topic),
        timeout_seconds=settings.workflow_timeout,
        generate_timeout_seconds=settings.generation.state_timeout_seconds,
        actions_at_once=settings.concurrency,
        batches_at_once=settings.max_batch_concurrency,
        retry=settings.retry,
        throttle_retry=settings.throttle_retry,
    )

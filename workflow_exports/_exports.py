from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import pulumi

EXPORTS_VERSION = "1"
"""The version that this package reads: additions keep it, anything else raises it."""

_TEXTS = (
    *["exportsVersion", "environment", "region", "stateMachineArn", "tableName", "tableArn"],
    *["apiUrl", "userPoolId", "alertsTopicArn", "notificationsTopicArn", "keyArn", "keyAlias"],
    "dashboardUrl",
)
_MAPS = ("userPoolClientIds", "functionArns", "logGroupNames")


class WorkflowExportsError(pulumi.RunError):
    """The stack does not export what this package reads; Pulumi shows the message alone."""


@dataclass(frozen=True)
class WorkflowExports:
    """One stack's exports; maps are read by key: `function_arns["workflow-start"]`.

    state_machine_arn: the alias that executions are started on.
    function_arns: function -> ARN of its alias. log_group_names: function, `state-machine` or
        `api` -> log group. user_pool_client_ids: what a client is for -> its id.
    notifications_topic_arn: how executions ended. alerts_topic_arn: the operators' alarms.
    """

    environment: pulumi.Output[str]
    region: pulumi.Output[str]
    state_machine_arn: pulumi.Output[str]
    table_name: pulumi.Output[str]
    table_arn: pulumi.Output[str]
    api_url: pulumi.Output[str]
    user_pool_id: pulumi.Output[str]
    user_pool_client_ids: pulumi.Output[dict[str, str]]
    alerts_topic_arn: pulumi.Output[str]
    notifications_topic_arn: pulumi.Output[str]
    key_arn: pulumi.Output[str]
    key_alias: pulumi.Output[str]
    function_arns: pulumi.Output[dict[str, str]]
    log_group_names: pulumi.Output[dict[str, str]]
    dashboard_url: pulumi.Output[str]

    @classmethod
    def from_stack(
        cls, stack: str, opts: pulumi.ResourceOptions | None = None
    ) -> "WorkflowExports":
        """Read a stack: `organization/goal-mandala/environment`.

        Raises WorkflowExportsError, when the outputs are there, if they are not of this version.
        """
        reference = pulumi.StackReference(stack, opts=opts)
        checked = reference.outputs.apply(lambda exports: check(stack, exports))

        def text(name: str) -> pulumi.Output[str]:
            return checked.apply(lambda exports: cast("str", exports[name]))

        def texts(name: str) -> pulumi.Output[dict[str, str]]:
            return checked.apply(lambda exports: cast("dict[str, str]", exports[name]))

        return cls(
            environment=text("environment"),
            region=text("region"),
            state_machine_arn=text("stateMachineArn"),
            table_name=text("tableName"),
            table_arn=text("tableArn"),
            api_url=text("apiUrl"),
            user_pool_id=text("userPoolId"),
            user_pool_client_ids=texts("userPoolClientIds"),
            alerts_topic_arn=text("alertsTopicArn"),
            notifications_topic_arn=text("notificationsTopicArn"),
            key_arn=text("keyArn"),
            key_alias=text("keyAlias"),
            function_arns=texts("functionArns"),
            log_group_names=texts("logGroupNames"),
            dashboard_url=text("dashboardUrl"),
        )


def check(stack: str, exports: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same exports. Raises WorkflowExportsError with all that is wrong with them."""
    if not exports:
        raise WorkflowExportsError(
            f"{stack} exports nothing: it is not deployed, or was destroyed:"
            f" pulumi up --stack {stack}"
        )
    version = exports.get("exportsVersion")
    if version is None:
        raise WorkflowExportsError(
            f"{stack} exports no exportsVersion: is it a stack of the task-generation workflow?"
        )
    if version != EXPORTS_VERSION:
        raise WorkflowExportsError(
            f"{stack}: exportsVersion is {version!r}, goal-mandala-workflow-exports"
            f" {EXPORTS_VERSION}.* reads {EXPORTS_VERSION!r}: install the package's {version}.*,"
            " or deploy the stack from a commit of that version"
        )
    problems = [*_problems(exports)]
    if problems:
        raise WorkflowExportsError(
            f"{stack}: exportsVersion is {version!r}, but "
            + "; ".join(problems)
            + ": deploy the stack anew"
        )
    return exports


def _problems(exports: Mapping[str, Any]) -> list[str]:
    found = list[str]()
    for name in (*_TEXTS, *_MAPS):
        value: Any = exports.get(name)
        if value is None:
            found.append(f"{name} is missing")
        elif name in _TEXTS and not isinstance(value, str):
            found.append(f"{name} is {type(value).__name__}, a string is needed")
        elif name in _MAPS and not _maps_strings(value):
            found.append(f"{name} is {type(value).__name__}, a map of strings is needed")
    return found


def _maps_strings(value: Any) -> bool:
    if not isinstance(value, Mapping):
        return False
    inner = cast("Mapping[Any, Any]", value)
    return all(isinstance(each, str) for pair in inner.items() for each in pair)

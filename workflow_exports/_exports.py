from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, cast

import pulumi

EXPORTS_VERSION = "1"
"""The version that this package reads: additions keep it, other changes raise it."""


class WorkflowExportsError(pulumi.RunError):
    """The stack does not export what this package reads; Pulumi shows the message alone."""


@dataclass(frozen=True)
class WorkflowExports:
    """One stack's exports, each under its name in snake_case; a map's values by their keys:
    `function_arns["workflow-start"]`.

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

        Raises WorkflowExportsError, once the outputs are known, if they are not of this version.
        """
        reference = pulumi.StackReference(stack, opts=opts)
        checked = reference.outputs.apply(lambda exports: check(stack, exports))

        def read(name: str) -> pulumi.Output[Any]:
            return checked.apply(lambda exports: exports[name])

        return cls(**{field.name: read(_camel_case(field.name)) for field in fields(cls)})


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


def _problems(exports: Mapping[str, Any]) -> Iterator[str]:
    for field in fields(WorkflowExports):
        name = _camel_case(field.name)
        value: Any = exports.get(name)
        is_map = field.type == pulumi.Output[dict[str, str]]
        if value is None:
            yield f"{name} is missing"
        elif is_map and not _maps_strings(value):
            yield f"{name} is {type(value).__name__}, a map of strings is needed"
        elif not is_map and not isinstance(value, str):
            yield f"{name} is {type(value).__name__}, a string is needed"


def _maps_strings(value: Any) -> bool:
    if not isinstance(value, Mapping):
        return False
    inner = cast("Mapping[Any, Any]", value)
    return all(isinstance(each, str) for pair in inner.items() for each in pair)


def _camel_case(field: str) -> str:
    first, *others = field.split("_")
    return first + "".join(word.capitalize() for word in others)

"""The ARNs that a program computes, compared with those of its resources."""

import re
from fnmatch import fnmatchcase
from typing import Any, cast

from pulumi import FileArchive

from localcloud.aws.clients import ACCOUNT_ID
from localcloud.provision.provisioner import Properties

_ARN_IN_TEXT = re.compile(
    rf"arn:aws:[a-z0-9-]+:[a-z0-9-]*:{ACCOUNT_ID}:(?!root|user/)[^\s\"',\\}}\])]+"
)
"""Of what a stack declares: root and people's users are the account's."""

_ARN_OUTPUTS = ("arn", "executionArn", "stateMachineVersionArn")


class ComputedArns:
    """The ARNs of a deployment: those of its resources, and those in their inputs."""

    def __init__(self) -> None:
        self._created: set[str] = set()
        self._in_inputs: dict[str, str] = {}

    def add(self, name: str, declared: Properties, held: Properties) -> None:
        """Add a resource by its name, its inputs and what its service holds."""
        self._created.update(arn for output in _ARN_OUTPUTS if (arn := held.get(output)))
        for arn in _ARN_IN_TEXT.findall(_as_text(declared)):
            self._in_inputs.setdefault(arn, name)

    def unknown(self) -> dict[str, str]:
        """ARNs in inputs that belong to no resource, each with the name of one that has it."""
        services = {_service(arn) for arn in self._created}
        return {
            arn: name
            for arn, name in self._in_inputs.items()
            # in other services nothing is declared, for example Bedrock's inference profiles
            if _service(arn) in services and not belongs_to(arn, self._created)
        }


def belongs_to(arn: str, arns: set[str]) -> bool:
    """Whether an ARN is one of these, names a part of one, or is a pattern that matches one.

    Parts are a log group's streams, a table's indexes, a function's versions, an API's routes and a
    state machine's executions.
    """
    machine = arn.replace(":execution:", ":stateMachine:")
    return any(
        arn == known
        or arn.startswith((f"{known}:", f"{known}/"))
        or machine.startswith(f"{known}:")
        or fnmatchcase(known, arn)
        or arn == f"{known}-restored-*"  # tables that operators make of this one's backups
        for known in arns
    )


def _service(arn: str) -> str:
    return arn.split(":")[2]


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return "\n".join(map(_as_text, cast("Properties", value).values()))
    if isinstance(value, list):
        return "\n".join(map(_as_text, cast("list[Any]", value)))
    return "" if isinstance(value, FileArchive) else str(value)

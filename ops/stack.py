"""The stack that an operator works on: its names, and clients that reach it."""

import re
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from components.names import Names
from components.settings import ENVIRONMENTS
from declared.program import PROJECT, stack_config

LOCAL = "local"

_ARN = re.compile(
    r"arn:aws[a-z-]*:states:[a-z0-9-]+:[0-9]{12}:execution:"
    rf"TaskGenerationWorkflow-(?P<stack>{'|'.join(ENVIRONMENTS)}):(?P<id>[0-9a-fA-F-]{{36}})"
)
_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class OperatorError(Exception):
    """The operator can fix the cause; the message says what is wrong and what to do about it."""


@dataclass(frozen=True)
class Stack:
    """A stack and the session that reaches it.

    names: the stack's names and ARNs.
    session: makes boto3 clients (`client(service)`) under the operator's credentials.
    """

    names: Names
    session: Any

    def client(self, service: str) -> Any:
        """A boto3 client that reaches this stack."""
        return self.session.client(service)


def open_aws_stack(name: str) -> Stack:
    """A stack on AWS, under the operator's own credentials.

    Raises OperatorError if the credentials are missing, or belong to another account than the
    stack's configuration names.
    """
    config = stack_config(name)
    account, region = config[f"{PROJECT}:accountId"], config["aws:region"]
    aws: Any = boto3
    session = aws.Session(region_name=region)
    try:
        caller = session.client("sts").get_caller_identity()["Account"]
    except (BotoCoreError, ClientError) as error:
        raise OperatorError(f"AWS refuses the credentials: {error}; sign in again") from None
    if caller != account:
        raise OperatorError(
            f"the credentials belong to account {caller}, stack {name} is in {account}"
        )
    return Stack(Names(name, account, region), session)


def execution_of(text: str, stack: str | None) -> tuple[str, str]:
    """The stack and the execution id that an id or an ARN names; an ARN holds its stack's name.

    Raises OperatorError.
    """
    if arn := _ARN.fullmatch(text):
        if stack not in (None, arn["stack"]):
            raise OperatorError(f"--stack {stack}, but the execution is of stack {arn['stack']}")
        return arn["stack"], arn["id"].lower()
    if not _ID.fullmatch(text):
        raise OperatorError(f"EXECUTION {text}: give an execution's id (a UUID) or its ARN")
    return stack or LOCAL, text.lower()

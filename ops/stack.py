"""The stack that an operator works on: its names, and clients that reach it."""

import re
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from components.names import Names
from components.settings import ENVIRONMENTS
from declared.program import PROJECT, stack_config
from localcloud.cluster.state import STATE_FOLDER, read_state

LOCAL = "local"

_ARN = re.compile(
    r"arn:aws[a-z-]*:states:[a-z0-9-]+:[0-9]{12}:execution:"
    rf"TaskGenerationWorkflow-(?P<stack>{'|'.join(ENVIRONMENTS)}):(?P<id>[0-9a-fA-F-]{{36}})"
)
_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class OperatorError(Exception):
    """What an operator can mend; the text says what is wrong and what to do about it."""


@dataclass(frozen=True)
class Stack:
    """A stack within reach. clients: gives a boto3 client by the service's name."""

    names: Names
    session: Any

    def client(self, service: str) -> Any:
        """A boto3 client that reaches this stack."""
        return self.session.client(service)


def open_stack(name: str) -> Stack:
    """The stack of an environment, under the operator's own credentials.

    `local` is the embedded cloud. Raises OperatorError if it is not up, and if the credentials are
    missing or belong to another account than the stack's configuration names.
    """
    if name == LOCAL:
        state = read_state(STATE_FOLDER)
        if state is None:
            raise OperatorError("the local cloud is not up: python -m localcloud up")
        return Stack(Names(LOCAL, state.account_id, state.region), state)
    config = stack_config(name)
    account, region = config[f"{PROJECT}:accountId"], config["aws:region"]
    aws: Any = boto3
    session = aws.Session(region_name=region)
    try:
        caller = session.client("sts").get_caller_identity()["Account"]
    except (BotoCoreError, ClientError) as error:
        raise OperatorError(f"AWS does not know you ({error}): sign in, then try again") from None
    if caller != account:
        raise OperatorError(
            f"the credentials belong to account {caller}, stack {name} is in {account}"
        )
    return Stack(Names(name, account, region), session)


def execution_of(text: str, stack: str | None) -> tuple[str, str]:
    """The stack and the execution id that an id or an ARN names; the ARN tells its stack.

    Raises OperatorError.
    """
    if arn := _ARN.fullmatch(text):
        if stack not in (None, arn["stack"]):
            raise OperatorError(f"--stack {stack}, but the execution is of stack {arn['stack']}")
        return arn["stack"], arn["id"].lower()
    if not _ID.fullmatch(text):
        raise OperatorError(f"EXECUTION {text}: give an execution's id (a UUID) or its ARN")
    return stack or LOCAL, text.lower()

"""The stack that an operator works on: its names, and clients that reach it."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from components.names import Names
from components.settings import ENVIRONMENTS, SettingsError, check_credentials, check_environment
from declared.program import PROJECT, stack_config
from ops.problems import OperatorError, is_missing, sentence

LOCAL = "local"

_ARN = re.compile(
    r"arn:aws[a-z-]*:states:[a-z0-9-]+:[0-9]{12}:execution:"
    rf"TaskGenerationWorkflow-(?P<stack>{'|'.join(ENVIRONMENTS)}):(?P<id>[0-9a-fA-F-]{{36}})"
)
_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@dataclass(frozen=True)
class Canary:
    """user_id: the owner of goal_id, a goal that is kept for trying the stack out."""

    user_id: str
    goal_id: str


@dataclass(frozen=True)
class Stack:
    """A stack and the session that reaches it.

    names: the stack's names and ARNs.
    session: makes boto3 clients (`client(service)`) under the operator's credentials.
    api_url: of the HTTP API, where AWS cannot say it.
    packages: folder of the functions' packages, where they are not those that the program builds.
    outputs: the stack's outputs, where no login to Pulumi is needed to read them.
    canary: where it is not the setting.
    """

    names: Names
    session: Any
    api_url: str | None = None
    packages: Path | None = None
    outputs: Mapping[str, Any] | None = None
    canary: Canary | None = None
    _clients: dict[str, Any] = field(default_factory=dict[str, Any], init=False, repr=False)

    def client(self, service: str) -> Any:
        """A boto3 client that reaches this stack."""
        if service not in self._clients:
            self._clients[service] = self.session.client(service)
        return self._clients[service]

    @cached_property
    def key_arn(self) -> str | None:
        """ARN of the customer key; None if there is none."""
        try:
            key = self.client("kms").describe_key(KeyId=self.names.key_alias)
        except ClientError as error:
            if is_missing(error):
                return None
            raise
        return key["KeyMetadata"]["Arn"]

    def key_name(self, arn: str | None) -> str:
        """The alias of the stack's key where a resource uses it, else what it uses."""
        if not arn:
            return "AWS's own key"
        return self.names.key_alias if arn == self.key_arn else arn


def open_aws_stack(name: str) -> Stack:
    """A stack on AWS, under the operator's own credentials.

    Raises OperatorError if the stack's file names no account or region, if the credentials are
    missing, or if they, AWS_ACCOUNT_ID or AWS_REGION belong to another one.
    """
    names = _configured(name)
    aws: Any = boto3
    try:
        check_environment(names, os.environ)
        session = aws.Session(region_name=names.region)
        check_credentials(names, session.client("sts").get_caller_identity()["Account"])
    except SettingsError as error:
        raise OperatorError(f"Wrong place: {error}.") from None
    except (BotoCoreError, ClientError) as error:
        raise OperatorError(sentence(error)) from None
    return Stack(names, session)


def _configured(name: str) -> Names:
    try:
        config = stack_config(name)
    except OSError as error:
        raise OperatorError(
            f"Pulumi.{name}.yaml: {error.strerror}: run this in a checkout that has the stack's"
            " file"
        ) from None
    for key in (f"{PROJECT}:accountId", "aws:region"):
        if key not in config:
            raise OperatorError(
                f"Pulumi.{name}.yaml lacks {key}: pulumi config set --stack {name} {key} VALUE"
            )
    return Names(name, config[f"{PROJECT}:accountId"], config["aws:region"])


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


def goal_of(text: str) -> str:
    """The id of a goal as it is stored. Raises OperatorError for a text that is none."""
    if not _ID.fullmatch(text):
        raise OperatorError(f"goal {text}: give a goal's id (a UUID)")
    return text.lower()

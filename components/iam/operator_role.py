"""The roles of the people who operate a stack: one reads, one changes; both for an hour."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.iam.documents import document
from components.iam.operator_grants import CALLS, operator_policy, trust_operators
from components.names import Names

MAX_SESSION_SECONDS = 3600
"""The shortest that IAM takes (IAM API Reference: CreateRole)."""


@dataclass(frozen=True)
class OperatorRoleArgs:
    """What differs between stacks.

    operators: ARNs of the users and roles that may assume both.
    bounded: put the roles under their boundary of deployment/.
    """

    names: Names
    operators: Sequence[str]
    bounded: bool = False


class OperatorRole(pulumi.ComponentResource):
    """`look` for what only reads, `act` for what changes something: by the commands of `ops`."""

    look: aws.iam.Role
    act: aws.iam.Role

    def __init__(
        self,
        name: str,
        args: OperatorRoleArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("goalmandala:workflow:OperatorRole", name, None, opts)
        self._name = name
        self._args = args
        roles = {kind: self._role(kind) for kind in CALLS}
        self.look, self.act = roles["look"], roles["act"]
        self.register_outputs({"lookArn": self.look.arn, "actArn": self.act.arn})

    def _role(self, kind: str) -> aws.iam.Role:
        names = self._args.names
        role = aws.iam.Role(
            f"{self._name}-{kind}",
            name=names.operator_role(kind),
            assume_role_policy=trust_operators(self._args.operators),
            max_session_duration=MAX_SESSION_SECONDS,
            permissions_boundary=names.operators_boundary_arn if self._args.bounded else None,
            opts=pulumi.ResourceOptions(parent=self),
        )
        aws.iam.RolePolicy(
            f"{self._name}-{kind}-policy",
            name="permissions",
            role=role.name,
            policy=document(operator_policy(kind, names)),
            opts=pulumi.ResourceOptions(parent=role),
        )
        return role

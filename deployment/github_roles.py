"""Two roles that GitHub's tokens may assume: one deploys a stack, one only reads it."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.arns import Arn
from components.iam.documents import document
from components.names import Names
from deployment import grants
from deployment.boundary import boundary
from deployment.operators_boundary import operators_boundary
from deployment.settings import DeploymentSettings

ISSUER = "token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"
"""(GitHub Docs: configuring OpenID Connect in Amazon Web Services)"""

MAX_SESSION_SECONDS = 3600
"""A deployment may take an hour."""


@dataclass(frozen=True)
class GitHubRolesArgs:
    """The settings of the stack."""

    settings: DeploymentSettings


class GitHubRoles(pulumi.ComponentResource):
    """The account's provider of GitHub's tokens, two roles for the repository's environments, and
    the boundaries of the roles that one of them creates."""

    deploy: aws.iam.Role
    preview: aws.iam.Role
    boundary: aws.iam.Policy

    def __init__(
        self,
        name: str,
        args: GitHubRolesArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("goalmandala:deployment:GitHubRoles", name, None, opts)
        self._name = name
        self._settings = args.settings
        names = args.settings.names
        environment = names.environment
        after: list[pulumi.Resource] = []
        if args.settings.owns_provider:
            provider = aws.iam.OpenIdConnectProvider(
                f"{name}-tokens",
                url=f"https://{ISSUER}",
                client_id_lists=[AUDIENCE],
                opts=pulumi.ResourceOptions(parent=self),
            )
            after.append(provider)
        self.boundary = aws.iam.Policy(
            f"{name}-boundary",
            name=names.boundary,
            description=f"What no role of the stack {environment} can do more than",
            policy=document(boundary(names, args.settings.bedrock_model)),
            opts=pulumi.ResourceOptions(parent=self),
        )
        aws.iam.Policy(
            f"{name}-operators-boundary",
            name=names.operators_boundary,
            description=f"What no operators' role of the stack {environment} can do more than",
            policy=document(operators_boundary(names)),
            opts=pulumi.ResourceOptions(parent=self),
        )
        domain = args.settings.domain
        self._reads = aws.iam.Policy(
            f"{name}-reads",
            name=names.ci_reads,
            description=f"What both of CI's roles read of the stack {environment}",
            policy=document(grants.preview(names, domain)),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.deploy = self._role("deploy", [environment], after)
        aws.iam.RolePolicy(
            f"{name}-deploy-policy",
            name="permissions",
            role=self.deploy.name,
            policy=document(grants.changes(names, domain)),
            # Where CI had one policy before, it can read meanwhile.
            opts=pulumi.ResourceOptions(
                parent=self.deploy, depends_on=[self._attached(self.deploy, "deploy")]
            ),
        )
        self.preview = self._role(
            "preview", [f"{environment}-preview", f"{environment}-drift"], after
        )
        self._attached(self.preview, "preview")
        self.register_outputs({"deployArn": self.deploy.arn, "previewArn": self.preview.arn})

    def _role(
        self,
        kind: str,
        environments: Sequence[str],
        after: Sequence[pulumi.Resource],
    ) -> aws.iam.Role:
        names = self._settings.names
        return aws.iam.Role(
            f"{self._name}-{kind}",
            name=role_name(names, kind),
            description=f"GitHub: {kind} of the workflow's stack {names.environment}",
            assume_role_policy=trust_github(names, self._settings.repository, environments),
            max_session_duration=MAX_SESSION_SECONDS,
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(after)),
        )

    def _attached(self, role: aws.iam.Role, kind: str) -> aws.iam.RolePolicyAttachment:
        """The policy of what both roles read, on a role; its ARN is known before it exists."""
        return aws.iam.RolePolicyAttachment(
            f"{self._name}-{kind}-reads",
            role=role.name,
            policy_arn=self._settings.names.ci_reads_arn,
            opts=pulumi.ResourceOptions(parent=role, depends_on=[self._reads]),
        )


def role_name(names: Names, kind: str) -> str:
    """Name of one of CI's roles; it has not the prefix of what CI may change."""
    return f"goal-mandala-ci-{names.environment}-{kind}"


def trust_github(names: Names, repository: str, environments: Sequence[str]) -> str:
    """The trust policy: this repository's jobs that run in one of these environments."""
    subjects = [f"repo:{repository}:environment:{each}" for each in environments]
    return document(
        [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Principal": {"Federated": names.arn(Arn.IDENTITY_PROVIDER, ISSUER)},
                "Condition": {
                    "StringEquals": {f"{ISSUER}:aud": AUDIENCE, f"{ISSUER}:sub": subjects}
                },
            }
        ]
    )

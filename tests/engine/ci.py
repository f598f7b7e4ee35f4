"""GitHub's side of a deployment on the emulator: its token, CI's roles, and their sessions."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from checks.ci_roles.operations import judged, scope_of
from checks.least_privilege.calls import Call, Recording, read
from components.iam.documents import Statement, document
from components.names import Names
from declared.program import ROOT, evaluate
from declared.resources import DeclaredResource
from deployment.github_roles import AUDIENCE, ISSUER
from localcloud.aws import CALLS
from localcloud.aws.clients import ACCOUNT_ID
from localcloud.provision.facts import ApiCall, calls_of
from tests.localcloud.emulated import EmulatedAws

OWN = "repo:example/goal-mandala:environment:dev"
"""The subject of the tokens of this repository's jobs that deploy to dev."""


def token(subject: str, audience: str = AUDIENCE) -> str:
    """A token in the form of GitHub's; the emulator checks no signature."""
    claims = {"iss": f"https://{ISSUER}", "aud": audience, "sub": subject}
    parts = [json.dumps(part).encode() for part in ({"alg": "none"}, claims)]
    return ".".join([*(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts), "x"])


@dataclass(frozen=True)
class Ci:
    """What the deployment program declares for the stack dev, on an emulator."""

    aws: EmulatedAws
    declared: dict[str, DeclaredResource]

    def role(self, kind: str) -> str:
        """The name of a role: deploy or preview."""
        return self.declared[f"github-{kind}"].inputs["name"]

    @property
    def reads(self) -> list[Statement]:
        """What the program grants both roles."""
        return self._statements("github-reads")

    @property
    def changes(self) -> list[Statement]:
        """What the program grants the deploy role beside it."""
        return self._statements("github-deploy-policy")

    def _statements(self, policy: str) -> list[Statement]:
        return json.loads(self.declared[policy].inputs["policy"])["Statement"]

    def grant_changes(self, statements: list[Statement]) -> None:
        """Give the deploy role exactly these statements beside what it reads."""
        self.aws.client("iam").put_role_policy(
            RoleName=self.role("deploy"),
            PolicyName="permissions",
            PolicyDocument=document(statements),
        )

    def session(self, kind: str, subject: str = OWN, audience: str = AUDIENCE) -> dict[str, Any]:
        """The credentials that a job's token gets."""
        return self.aws.client("sts").assume_role_with_web_identity(
            RoleArn=f"arn:aws:iam::{ACCOUNT_ID}:role/{self.role(kind)}",
            RoleSessionName="job",
            WebIdentityToken=token(subject, audience),
        )["Credentials"]

    def recorded(self, kind: str) -> Recording:
        """The calls that the emulator has judged for a role so far."""
        recording = read(self.aws.emulator.folder / CALLS)
        name = self.role(kind)
        return Recording(
            *(
                tuple(call for call in calls if call.principal == name)
                for calls in (recording.allowed, recording.refused)
            )
        )


def set_up(aws: EmulatedAws) -> Ci:
    """Make the policies and the roles, as an administrator of the account does."""
    program = evaluate("dev", {}, folder=ROOT / "deployment")
    ci = Ci(aws, {each.name: each for each in program.resources})
    iam = aws.client("iam")
    for name in ("github-boundary", "github-operators-boundary", "github-reads"):
        policy = ci.declared[name].inputs
        iam.create_policy(PolicyName=policy["name"], PolicyDocument=policy["policy"])
    for kind in ("deploy", "preview"):
        trust = ci.declared[f"github-{kind}"].inputs["assumeRolePolicy"]
        iam.create_role(RoleName=ci.role(kind), AssumeRolePolicyDocument=trust)
        attached = ci.declared[f"github-{kind}-reads"].inputs
        iam.attach_role_policy(RoleName=attached["role"], PolicyArn=attached["policyArn"])
    ci.grant_changes(ci.changes)
    return ci


def calls_of_change(
    names: Names, before: Sequence[DeclaredResource], after: Sequence[DeclaredResource]
) -> list[Call]:
    """What AWS's provider calls to make of one state of a stack another one.

    An empty `before` is a first deployment, an empty `after` a destroy.
    """
    scope = scope_of(names)
    old, new = ({each.urn: each for each in resources} for resources in (before, after))
    found: list[ApiCall] = []
    for urn, each in {**old, **new}.items():
        if urn not in old:
            found += calls_of(each.type, "create", each.inputs, scope)
        elif urn not in new:
            found += calls_of(each.type, "delete", each.inputs, scope)
        else:
            was, now = old[urn].inputs, each.inputs
            changed = [name for name in {**was, **now} if was.get(name) != now.get(name)]
            if changed:
                found += calls_of(each.type, "update", now, scope, changed)
    return judged(names, "deploy", found, [*before, *after])

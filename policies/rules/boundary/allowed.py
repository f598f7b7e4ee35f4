"""What a stack may refer to though it does not declare it, each with its reason."""

import re
from dataclasses import dataclass

from policies import deployment_program
from policies.stack import resource_types


@dataclass(frozen=True)
class Allowed:
    """One exception.

    form: the whole reference; REGION, ACCOUNT, PROJECT and STACK stand for the stack's own.
    reason: why it leaves nothing open. type, property: the only place (empty: any). project: the
    only program (empty: any).
    """

    form: str
    reason: str
    type: str = ""
    property: str = ""
    project: str = ""


ARNS = (
    Allowed(r"arn:aws:states:::[\w:-]+(\.\w+)?(:2)?", "Step Functions' own integrations"),
    Allowed(
        r"arn:aws:lambda:REGION:(017000801446|580247275435|901920570463|133490724326)"
        r":layer:(AWS|Lambda|aws-otel)[\w-]+:\d+",
        "AWS's own layers: Powertools, Lambda Insights, OpenTelemetry, Parameters and Secrets"
        " (their documentation lists the accounts)",
        resource_types.FUNCTION,
        "layers",
    ),
    Allowed(r"arn:aws:iam::ACCOUNT:root", "this account itself: IAM of the account decides"),
    Allowed(
        r"arn:aws:iam::ACCOUNT:role/PROJECT-STACK-[\w-]+",
        "a role that the product's program makes with this stack's prefix (trust decides who)",
        property="policy",
    ),
    Allowed(
        r"arn:aws:iam::ACCOUNT:(user|role)/[\w+=,.@/-]+",
        "an operator; iam-trust says which role people may assume, and how",
        resource_types.ROLE,
        "assumeRolePolicy",
    ),
    Allowed(
        r"arn:aws:iam::ACCOUNT:policy/goal-mandala-ci-STACK-(operators-)?boundary",
        "a boundary that the deployment program makes",
        resource_types.ROLE,
        "permissionsBoundary",
    ),
    Allowed(
        r"arn:aws:bedrock:REGION:ACCOUNT:guardrail/[a-z0-9]+(:\d+)?",
        "AWS chooses a guardrail's id; it only refuses text",
    ),
    Allowed(
        r"arn:aws:dataprotection::aws:data-identifier/[\w-]+",
        "AWS's own patterns of personal data; masking reads nothing",
        "aws:cloudwatch/logDataProtectionPolicy:LogDataProtectionPolicy",
    ),
    Allowed(
        r"arn:aws:kms:REGION:ACCOUNT:key/\*",
        "AWS chooses a key's id; iam-no-wildcard-resource wants a condition on its alias",
    ),
    Allowed(
        r"arn:aws:ec2:REGION:ACCOUNT:(network-interface/\*|subnet/.+|security-group/.+)",
        "the stack's settings choose the network of the functions",
    ),
    Allowed(
        r"arn:aws:apigateway:REGION::/apis",
        "the list of the account's APIs, in which an operator's command finds the stack's",
        resource_types.ROLE_POLICY,
    ),
    Allowed(
        r"arn:aws:cognito-idp:REGION:ACCOUNT:userpool/\*",
        "AWS chooses a pool's id; iam-no-wildcard-resource wants conditions on the stack's tags",
        resource_types.ROLE_POLICY,
    ),
    Allowed(
        r"arn:aws:backup:REGION:ACCOUNT:backup-(plan:\*|vault:goal-mandala-STACK-backups)",
        "AWS Backup chooses a plan's id, which conditions on the stack's tags narrow; operators may"
        " look for the vault also while backups are off",
        resource_types.ROLE_POLICY,
    ),
    Allowed(
        r"arn:aws:dynamodb:REGION:ACCOUNT:table/\w+-STACK-restored-\*",
        "tables that an operator restores; stack-grants-its-own says of which one, and by whom",
        resource_types.ROLE_POLICY,
    ),
    Allowed(r"arn:aws:servicequotas:REGION:ACCOUNT:lambda/L-B99A9384", "a quota of AWS's"),
    Allowed(
        r"arn:aws:acm:REGION:ACCOUNT:certificate/[0-9a-f-]+",
        "AWS chooses a certificate's id; it is made by whoever has the domain",
        resource_types.DOMAIN,
    ),
    Allowed(
        r"arn:aws:iam::ACCOUNT:oidc-provider/token\.actions\.githubusercontent\.com",
        "the account's provider of GitHub's tokens",
        project=deployment_program.PROJECT,
    ),
)
"""ARNs."""

HOSTS = (
    Allowed(r"[a-z0-9-]+\.amazonaws\.com", "the name of an AWS service as a principal"),
    Allowed(
        r"([a-z0-9-]+\.application-autoscaling|delivery\.logs|replicator\.lambda)\.amazonaws\.com",
        "the name of an AWS service as a principal",
    ),
    Allowed(r"[a-z0-9-]+\.REGION\.amazonaws\.com", "a service of AWS in this region, by itself"),
    Allowed(r"hooks\.slack\.com", "Slack's host; the path, which is the secret, is not in it"),
    Allowed(r"(.+\.)?docs\.aws\.amazon\.com", "AWS's documentation, for people"),
    Allowed(
        r"token\.actions\.githubusercontent\.com",
        "GitHub's tokens",
        project=deployment_program.PROJECT,
    ),
    Allowed(
        r".+",
        "the API's own domain; who has its certificate has the domain",
        resource_types.DOMAIN,
    ),
    Allowed(
        r".+",
        "a link for people in chat messages; the setting alarms.runbook chooses it",
        resource_types.FUNCTION,
        "RUNBOOK_URL",
    ),
    Allowed(
        r".+",
        "web origins: boundary-own-origins and access-cors judge them",
        resource_types.API,
        "corsConfiguration",
    ),
    *(
        Allowed(
            r".+",
            "where the browser goes after sign-in: boundary-own-origins judges it",
            resource_types.USER_POOL_CLIENT,
            name,
        )
        for name in ("callbackUrls", "defaultRedirectUri", "logoutUrls")
    ),
)
"""Hosts, also those of URLs."""

EMAILS = (
    Allowed(
        r".+",
        "a person who is told of alarms; AWS asks the person to confirm",
        resource_types.SUBSCRIPTION,
        "endpoint",
    ),
    Allowed(r".+", "the sender of the pool's messages", resource_types.USER_POOL),
)
"""E-mail addresses."""

FOR_PEOPLE = frozenset(
    {"alarmdescription", "comment", "description", "markdown", "querystring", "tags", "tagsall"}
)
"""Elements that people read, and queries of logs, which only read: a link in them opens nothing."""

GEOGRAPHIES = {"apac": "ap-", "au": "ap-", "eu": "eu-", "global": "", "jp": "ap-", "us": "us-"}
"""Beginning of an inference profile's id -> how the regions behind it begin.

(Amazon Bedrock User Guide: supported Regions and models for inference profiles)
"""


def is_allowed(
    allowed: tuple[Allowed, ...],
    text: str,
    *,
    type_: str,
    path: tuple[str, ...],
    own: dict[str, str],
) -> bool:
    """Whether a reference at a path of a resource is one of the exceptions.

    own: REGION, ACCOUNT, PROJECT and STACK -> the stack's own.
    """
    return any(
        (not each.type or each.type == type_)
        and (not each.property or each.property in path)
        and (not each.project or each.project == own["PROJECT"])
        and re.fullmatch(_form(each.form, own), text)
        for each in allowed
    )


def _form(form: str, own: dict[str, str]) -> str:
    for name, value in own.items():
        form = form.replace(name, re.escape(value))
    return form

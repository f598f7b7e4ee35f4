"""Objections that stand, each with the reason; one that nobody raises any more is a failure."""

from policies import kinds
from policies.cloudformation.finding import Explained

_EVERY_TYPE_AT_ONCE = (
    "parliament wants an ARN of every type of resource that an action may work on; AWS's Service"
    " Authorization Reference names alternatives, and iam-resource-fits-action asks for one of them"
)
_THIS_KEY = 'in a key\'s policy "*" is the key itself (AWS KMS Developer Guide: Key policies)'

EXPLAINED: tuple[Explained, ...] = (
    Explained(
        *("parliament", "MALFORMED", kinds.ROLE),
        where="assumeRolePolicy",
        message="Statement contains neither Resource nor NotResource",
        reason="parliament takes every document for an identity policy; a trust policy has no"
        " Resource, its role is it (IAM User Guide: Policies and permissions)",
    ),
    Explained(
        *("parliament", "UNKNOWN_CONDITION_FOR_ACTION", kinds.ROLE_POLICY),
        message=r"Unknown condition kms:ResourceAliases for action kms:\w+",
        reason="holds for every operation on a key (AWS KMS Developer Guide: AWS KMS permissions,"
        " which says that the Service Authorization Reference, parliament's source, lacks some)",
    ),
    Explained(
        *("parliament", "RESOURCE_MISMATCH", kinds.ROLE_POLICY),
        message=r'\[\{"action": "states:DescribeExecution", "required_format": "[^"]*:express:.*',
        reason=_EVERY_TYPE_AT_ONCE,
    ),
    Explained(
        *("parliament", "RESOURCE_MISMATCH", kinds.ROLE_POLICY),
        message=r'\[\{"action": "bedrock:InvokeModel", "required_format": .*',
        reason=_EVERY_TYPE_AT_ONCE,
    ),
    Explained(
        *("parliament", "PERMISSIONS_MANAGEMENT_ACTIONS", kinds.ROLE_POLICY),
        message=r'\["logs:putresourcepolicy"\]',
        reason="log delivery writes its own resource policy with the machine's role (Step Functions"
        " Developer Guide: Using CloudWatch Logs to log execution history)",
    ),
    Explained(
        *("parliament", "PERMISSIONS_MANAGEMENT_ACTIONS", kinds.KEY),
        reason="the account's root may do everything with its key, or nobody could change it (AWS"
        " KMS Developer Guide: Default key policy)",
    ),
    Explained(*("parliament", "RESOURCE_STAR", kinds.KEY), reason=_THIS_KEY),
    Explained(
        *("parliament", "UNKNOWN_CONDITION_FOR_ACTION", kinds.KEY),
        message="Unknown condition kms:EncryptionContext:aws:logs:arn for action kms:DescribeKey",
        reason="AWS's own statement for log groups has kms:Describe* under this condition"
        " (CloudWatch Logs User Guide: Encrypt log data); it grants nothing, and harms nothing",
    ),
    Explained(
        *("parliament", "MISMATCHED_TYPE", kinds.KEY),
        message="Type mismatch: ArnEquals requires a value of type Arn but given String",
        reason="an encryption context is a String that holds an ARN here, and AWS's own statement"
        " compares it with ArnEquals (CloudWatch Logs User Guide: Encrypt log data)",
    ),
)

"""The actions that work with data: what a role of a program may be granted.

Reading and listing is what AWS's service authorization reference says it is. Its level Write holds
PutItem as well as DeleteTable, so the writes to data are listed here; what is not listed, and every
action of the levels Permissions management and Tagging, changes a resource.
"""

from policies import authorization_reference as reference

_WRITES = {
    "cloudwatch": {"PutMetricData"},
    "dynamodb": {
        "BatchWriteItem",
        "DeleteItem",
        "PartiQLDelete",
        "PartiQLInsert",
        "PartiQLUpdate",
        "PutItem",
        "UpdateItem",
    },
    "events": {"PutEvents"},
    "execute-api": {"Invoke", "ManageConnections"},
    "firehose": {"PutRecord", "PutRecordBatch"},
    "kinesis": {"PutRecord", "PutRecords"},
    "kms": {
        "Decrypt",
        "Encrypt",
        "GenerateDataKey",
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
        "GenerateDataKeyWithoutPlaintext",
        "GenerateMac",
        "ReEncryptFrom",
        "ReEncryptTo",
        "Sign",
        "Verify",
        "VerifyMac",
    },
    "lambda": {"InvokeFunction", "InvokeFunctionUrl"},
    "logs": {"CreateLogStream", "PutLogEvents"},
    "s3": {"AbortMultipartUpload", "DeleteObject", "PutObject"},
    "ses": {"SendEmail", "SendRawEmail"},
    "sns": {"Publish"},
    "sqs": {"ChangeMessageVisibility", "DeleteMessage", "SendMessage"},
    "states": {
        "RedriveExecution",
        "SendTaskFailure",
        "SendTaskHeartbeat",
        "SendTaskSuccess",
        "StartExecution",
        "StartSyncExecution",
        "StopExecution",
    },
    "xray": {"PutTelemetryRecords", "PutTraceSegments"},
}
"""Service -> its Write actions on data: items, messages, events, executions, objects, log lines."""

_WRITES_IN_LOWER_CASE = frozenset(
    f"{service}:{name}".lower() for service, names in _WRITES.items() for name in names
)


def problem(action: str) -> str | None:
    """What is wrong with an action as one of the data plane; None for an unknown action."""
    level = reference.access_level(action)
    if action.lower() in reference.CREDENTIALS:
        return "it hands out credentials of somebody else"
    if level in ("", "Read", "List") or action.lower() in _WRITES_IN_LOWER_CASE:
        return None
    return {
        "Permissions management": "AWS classes it as permissions management",
        "Tagging": "AWS classes it as tagging, which changes what conditions on tags allow",
    }.get(level, "it changes a resource's configuration, policy, key, code or existence")

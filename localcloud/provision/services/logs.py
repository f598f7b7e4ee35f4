"""Log groups."""

from localcloud.provision.provisioner import Clients, Properties


def create_log_group(clients: Clients, declared: Properties) -> str:
    """CreateLogGroup and PutRetentionPolicy."""
    logs, name = clients("logs"), declared["name"]
    optional = {"kmsKeyId": "kmsKeyId", "logGroupClass": "logGroupClass", "tags": "tags"}
    logs.create_log_group(
        logGroupName=name,
        **{field: declared[name] for name, field in optional.items() if declared.get(name)},
    )
    if declared.get("retentionInDays"):
        logs.put_retention_policy(logGroupName=name, retentionInDays=declared["retentionInDays"])
    return name


def update_log_group(clients: Clients, name: str, declared: Properties, old: Properties) -> None:
    """Change the retention and the key."""
    logs = clients("logs")
    if days := declared.get("retentionInDays"):
        logs.put_retention_policy(logGroupName=name, retentionInDays=days)
    else:
        logs.delete_retention_policy(logGroupName=name)
    key = declared.get("kmsKeyId")
    if key and key != old.get("kmsKeyId"):
        logs.associate_kms_key(logGroupName=name, kmsKeyId=key)
    elif key != old.get("kmsKeyId"):
        logs.disassociate_kms_key(logGroupName=name)


def delete_log_group(clients: Clients, name: str, _declared: Properties) -> None:
    """DeleteLogGroup."""
    clients("logs").delete_log_group(logGroupName=name)


def read_log_group(clients: Clients, name: str, _declared: Properties) -> Properties:
    """DescribeLogGroups and the group's tags; the ARN has no `:*`, as the provider's."""
    logs = clients("logs")
    groups = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    group = next(each for each in groups if each["logGroupName"] == name)
    arn = group["arn"].removesuffix(":*")
    return {
        "name": name,
        "arn": arn,
        "kmsKeyId": group.get("kmsKeyId"),
        "retentionInDays": group.get("retentionInDays", 0),
        "logGroupClass": group.get("logGroupClass"),
        "tags": logs.list_tags_for_resource(resourceArn=arn)["tags"],
    }

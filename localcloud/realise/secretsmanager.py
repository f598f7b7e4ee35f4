"""Secrets and their values."""

from localcloud.realise.realiser import (
    Clients,
    Properties,
    from_key_values,
    key_values,
    renamed,
)

_SECRET = {"name": "Name", "description": "Description", "kmsKeyId": "KmsKeyId"}


def create_secret(clients: Clients, declared: Properties) -> str:
    """CreateSecret, still without a value."""
    return clients("secretsmanager").create_secret(
        **renamed(declared, _SECRET), Tags=key_values(declared.get("tags", {}))
    )["ARN"]


def read_secret(clients: Clients, arn: str, _declared: Properties) -> Properties:
    """DescribeSecret."""
    secret = clients("secretsmanager").describe_secret(SecretId=arn)
    return {
        **{ours: secret.get(theirs) for ours, theirs in _SECRET.items()},
        "arn": secret["ARN"],
        "tags": from_key_values(secret.get("Tags", [])),
    }


def create_version(clients: Clients, declared: Properties) -> str:
    """PutSecretValue; the id is `arn|version id`, as the provider's."""
    version = clients("secretsmanager").put_secret_value(
        SecretId=declared["secretId"], SecretString=declared["secretString"]
    )
    return f"{version['ARN']}|{version['VersionId']}"


def read_version(clients: Clients, version_id: str, _declared: Properties) -> Properties:
    """GetSecretValue."""
    arn, _, version = version_id.partition("|")
    value = clients("secretsmanager").get_secret_value(SecretId=arn, VersionId=version)
    return {
        "arn": value["ARN"],
        "secretId": value["ARN"],
        "secretString": value["SecretString"],
        "versionId": value["VersionId"],
        "versionStages": value["VersionStages"],
    }

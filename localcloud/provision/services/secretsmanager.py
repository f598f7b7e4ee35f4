"""Secrets and their values."""

from localcloud.provision.provisioner import (
    Clients,
    Properties,
    from_key_values,
    key_values,
    to_api,
)

_SECRET = {"name": "Name", "description": "Description", "kmsKeyId": "KmsKeyId"}


def create_secret(clients: Clients, declared: Properties) -> str:
    """CreateSecret, without a value."""
    return clients("secretsmanager").create_secret(
        **to_api(declared, _SECRET), Tags=key_values(declared.get("tags", {}))
    )["ARN"]


def update_secret(clients: Clients, arn: str, declared: Properties, _old: Properties) -> None:
    """UpdateSecret."""
    given = {"description": declared.get("description", ""), "kmsKeyId": declared.get("kmsKeyId")}
    clients("secretsmanager").update_secret(SecretId=arn, **to_api(given, _SECRET))


def delete_secret(clients: Clients, arn: str, declared: Properties) -> None:
    """DeleteSecret, after the declared window (30 days by default) or at once."""
    days = declared.get("recoveryWindowInDays", 30)
    how = {"RecoveryWindowInDays": days} if days else {"ForceDeleteWithoutRecovery": True}
    clients("secretsmanager").delete_secret(SecretId=arn, **how)


def read_secret(clients: Clients, arn: str, _declared: Properties) -> Properties:
    """DescribeSecret."""
    secret = clients("secretsmanager").describe_secret(SecretId=arn)
    return {
        **{name: secret.get(field) for name, field in _SECRET.items()},
        "arn": secret["ARN"],
        "tags": from_key_values(secret.get("Tags", [])),
    }


def create_version(clients: Clients, declared: Properties) -> str:
    """PutSecretValue; the id is `arn|version id`, as the provider's."""
    version = clients("secretsmanager").put_secret_value(
        SecretId=declared["secretId"], SecretString=declared["secretString"]
    )
    return f"{version['ARN']}|{version['VersionId']}"


def delete_version(_clients: Clients, _id: str, _declared: Properties) -> None:
    """Do nothing: the current version of a secret can only be deleted with the secret."""


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

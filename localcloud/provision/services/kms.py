"""Customer keys and their aliases."""

from localcloud.provision.provisioner import Clients, Properties, from_key_values, key_values

_TAG = ("TagKey", "TagValue")


def create_key(clients: Clients, declared: Properties) -> str:
    """CreateKey and EnableKeyRotation."""
    kms = clients("kms")
    options = {
        "Description": declared.get("description"),
        "Policy": declared.get("policy"),
        "KeyUsage": declared.get("keyUsage"),
        "KeySpec": declared.get("customerMasterKeySpec"),
        "MultiRegion": declared.get("multiRegion"),
    }
    key_id: str = kms.create_key(
        Tags=key_values(declared.get("tags", {}), *_TAG),
        **{name: value for name, value in options.items() if value is not None},
    )["KeyMetadata"]["KeyId"]
    if declared.get("enableKeyRotation"):
        period = declared.get("rotationPeriodInDays")
        kms.enable_key_rotation(
            KeyId=key_id, **({"RotationPeriodInDays": period} if period is not None else {})
        )
    return key_id


def update_key(clients: Clients, key_id: str, declared: Properties, _old: Properties) -> None:
    """UpdateKeyDescription, PutKeyPolicy, EnableKeyRotation or DisableKeyRotation."""
    kms = clients("kms")
    kms.update_key_description(KeyId=key_id, Description=declared.get("description", ""))
    if policy := declared.get("policy"):
        kms.put_key_policy(KeyId=key_id, PolicyName="default", Policy=policy)
    if declared.get("enableKeyRotation"):
        period = declared.get("rotationPeriodInDays")
        kms.enable_key_rotation(
            KeyId=key_id, **({"RotationPeriodInDays": period} if period is not None else {})
        )
    else:
        kms.disable_key_rotation(KeyId=key_id)


def delete_key(clients: Clients, key_id: str, declared: Properties) -> None:
    """ScheduleKeyDeletion: the key is deleted after a window of 30 days by default."""
    days = declared.get("deletionWindowInDays", 30)
    clients("kms").schedule_key_deletion(KeyId=key_id, PendingWindowInDays=days)


def read_key(clients: Clients, key_id: str, _declared: Properties) -> Properties:
    """DescribeKey, with its policy, its rotation and its tags."""
    kms = clients("kms")
    key = kms.describe_key(KeyId=key_id)["KeyMetadata"]
    rotation = kms.get_key_rotation_status(KeyId=key_id)
    return {
        "arn": key["Arn"],
        "keyId": key["KeyId"],
        "description": key["Description"],
        "keyUsage": key["KeyUsage"],
        "customerMasterKeySpec": key["KeySpec"],
        "multiRegion": key["MultiRegion"],
        "isEnabled": key["Enabled"],
        "policy": kms.get_key_policy(KeyId=key_id, PolicyName="default")["Policy"],
        "enableKeyRotation": rotation["KeyRotationEnabled"],
        "rotationPeriodInDays": rotation.get("RotationPeriodInDays"),
        "tags": from_key_values(kms.list_resource_tags(KeyId=key_id)["Tags"], *_TAG),
    }


def create_alias(clients: Clients, declared: Properties) -> str:
    """CreateAlias."""
    clients("kms").create_alias(AliasName=declared["name"], TargetKeyId=declared["targetKeyId"])
    return declared["name"]


def update_alias(clients: Clients, name: str, declared: Properties, _old: Properties) -> None:
    """UpdateAlias."""
    clients("kms").update_alias(AliasName=name, TargetKeyId=declared["targetKeyId"])


def delete_alias(clients: Clients, name: str, _declared: Properties) -> None:
    """DeleteAlias."""
    clients("kms").delete_alias(AliasName=name)


def read_alias(clients: Clients, name: str, declared: Properties) -> Properties:
    """The alias in ListAliases; its target as it was declared, by id or ARN."""
    kms = clients("kms")
    pages = kms.get_paginator("list_aliases").paginate()
    alias = next(a for page in pages for a in page["Aliases"] if a["AliasName"] == name)
    target = kms.describe_key(KeyId=alias["TargetKeyId"])["KeyMetadata"]
    forms = (target["KeyId"], target["Arn"])
    return {
        "name": alias["AliasName"],
        "arn": alias["AliasArn"],
        "targetKeyArn": target["Arn"],
        "targetKeyId": next((f for f in forms if f == declared["targetKeyId"]), target["KeyId"]),
    }

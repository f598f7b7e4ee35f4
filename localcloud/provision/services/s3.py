"""Buckets, and their configurations, which are resources of their own with the bucket as id."""

from collections.abc import Callable
from typing import Any, cast

from localcloud.aws.clients import REGION
from localcloud.provision.provisioner import (
    Clients,
    Properties,
    capitalised,
    from_key_values,
    key_values,
    uncapitalised,
)

_BLOCKS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


def create_bucket(clients: Clients, declared: Properties) -> str:
    """CreateBucket and PutBucketTagging."""
    s3, bucket = clients("s3"), declared["bucket"]
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    if declared.get("tags"):
        s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": key_values(declared["tags"])})
    return bucket


def update_bucket(_clients: Clients, _id: str, _declared: Properties, _old: Properties) -> None:
    """Do nothing: beside its tags only `forceDestroy` changes, which S3 does not know."""


def delete_bucket(clients: Clients, bucket: str, declared: Properties) -> None:
    """DeleteBucket; where `forceDestroy` says so, all versions of all objects before it."""
    s3 = clients("s3")
    if declared.get("forceDestroy"):
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
            for each in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
                s3.delete_object(Bucket=bucket, Key=each["Key"], VersionId=each["VersionId"])
    s3.delete_bucket(Bucket=bucket)


def read_bucket(clients: Clients, bucket: str, _declared: Properties) -> Properties:
    """HeadBucket and GetBucketTagging."""
    s3 = clients("s3")
    s3.head_bucket(Bucket=bucket)
    return {
        "bucket": bucket,
        "arn": f"arn:aws:s3:::{bucket}",
        "bucketDomainName": f"{bucket}.s3.amazonaws.com",
        "bucketRegion": REGION,
        "bucketRegionalDomainName": f"{bucket}.s3.{REGION}.amazonaws.com",
        "tags": _tags(s3, bucket),
    }


def _tags(s3: Any, bucket: str) -> dict[str, str]:
    try:
        return from_key_values(s3.get_bucket_tagging(Bucket=bucket)["TagSet"])
    except s3.exceptions.ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchTagSet":
            raise
        return {}


def put_public_access_block(clients: Clients, declared: Properties) -> str:
    """PutPublicAccessBlock; what is left out is opened, as by the provider."""
    block = {name: bool(declared.get(name)) for name in _BLOCKS}
    clients("s3").put_public_access_block(
        Bucket=declared["bucket"], PublicAccessBlockConfiguration=capitalised(block)
    )
    return declared["bucket"]


def read_public_access_block(clients: Clients, bucket: str, _declared: Properties) -> Properties:
    """GetPublicAccessBlock."""
    answer = clients("s3").get_public_access_block(Bucket=bucket)
    return {"bucket": bucket, **uncapitalised(answer["PublicAccessBlockConfiguration"])}


def delete_public_access_block(clients: Clients, bucket: str, declared: Properties) -> None:
    """DeletePublicAccessBlock."""
    if not declared.get("skipDestroy"):
        clients("s3").delete_public_access_block(Bucket=bucket)


def put_ownership(clients: Clients, declared: Properties) -> str:
    """PutBucketOwnershipControls."""
    clients("s3").put_bucket_ownership_controls(
        Bucket=declared["bucket"], OwnershipControls={"Rules": [capitalised(declared["rule"])]}
    )
    return declared["bucket"]


def read_ownership(clients: Clients, bucket: str, _declared: Properties) -> Properties:
    """GetBucketOwnershipControls."""
    answer = clients("s3").get_bucket_ownership_controls(Bucket=bucket)
    return {"bucket": bucket, "rule": uncapitalised(answer["OwnershipControls"]["Rules"][0])}


def delete_ownership(clients: Clients, bucket: str, _declared: Properties) -> None:
    """DeleteBucketOwnershipControls."""
    clients("s3").delete_bucket_ownership_controls(Bucket=bucket)


def put_encryption(clients: Clients, declared: Properties) -> str:
    """PutBucketEncryption."""
    rules = [
        {
            "ApplyServerSideEncryptionByDefault": {
                "SSEAlgorithm": default["sseAlgorithm"],
                **(
                    {"KMSMasterKeyID": default["kmsMasterKeyId"]}
                    if default.get("kmsMasterKeyId")
                    else {}
                ),
            },
            "BucketKeyEnabled": bool(rule.get("bucketKeyEnabled")),
        }
        for rule in declared["rules"]
        for default in [rule["applyServerSideEncryptionByDefault"]]
    ]
    clients("s3").put_bucket_encryption(
        Bucket=declared["bucket"], ServerSideEncryptionConfiguration={"Rules": rules}
    )
    return declared["bucket"]


def read_encryption(clients: Clients, bucket: str, _declared: Properties) -> Properties:
    """GetBucketEncryption."""
    answer = clients("s3").get_bucket_encryption(Bucket=bucket)
    rules = [
        {
            "applyServerSideEncryptionByDefault": {
                "sseAlgorithm": default["SSEAlgorithm"],
                "kmsMasterKeyId": default.get("KMSMasterKeyID"),
            },
            "bucketKeyEnabled": rule.get("BucketKeyEnabled", False),
        }
        for rule in answer["ServerSideEncryptionConfiguration"]["Rules"]
        for default in [rule["ApplyServerSideEncryptionByDefault"]]
    ]
    return {"bucket": bucket, "rules": rules}


def delete_encryption(clients: Clients, bucket: str, _declared: Properties) -> None:
    """DeleteBucketEncryption."""
    clients("s3").delete_bucket_encryption(Bucket=bucket)


def put_versioning(clients: Clients, declared: Properties) -> str:
    """PutBucketVersioning."""
    _set_versioning(clients, declared["bucket"], declared["versioningConfiguration"]["status"])
    return declared["bucket"]


def read_versioning(clients: Clients, bucket: str, _declared: Properties) -> Properties:
    """GetBucketVersioning."""
    status = clients("s3").get_bucket_versioning(Bucket=bucket)["Status"]
    return {"bucket": bucket, "versioningConfiguration": {"status": status}}


def suspend_versioning(clients: Clients, bucket: str, _declared: Properties) -> None:
    """PutBucketVersioning: versioning that was on cannot be taken away, only suspended."""
    _set_versioning(clients, bucket, "Suspended")


def _set_versioning(clients: Clients, bucket: str, status: str) -> None:
    clients("s3").put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})


def put_lifecycle(clients: Clients, declared: Properties) -> str:
    """PutBucketLifecycleConfiguration."""
    rules = [_lifecycle_rule(rule) for rule in declared["rules"]]
    clients("s3").put_bucket_lifecycle_configuration(
        Bucket=declared["bucket"], LifecycleConfiguration={"Rules": rules}
    )
    return declared["bucket"]


def _lifecycle_rule(rule: Properties) -> Properties:
    """Days are whole numbers to S3; Pulumi's are floats."""
    found: Properties = _whole(capitalised(rule))
    return {"ID" if name == "Id" else name: each for name, each in found.items()}


def _whole(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _whole(each) for name, each in cast("Properties", value).items()}
    return int(value) if isinstance(value, float) else value


def read_lifecycle(clients: Clients, bucket: str, _declared: Properties) -> Properties:
    """GetBucketLifecycleConfiguration."""
    answer = clients("s3").get_bucket_lifecycle_configuration(Bucket=bucket)
    rules = [
        {"id" if name == "iD" else name: value for name, value in uncapitalised(rule).items()}
        for rule in answer["Rules"]
    ]
    return {"bucket": bucket, "rules": rules}


def delete_lifecycle(clients: Clients, bucket: str, _declared: Properties) -> None:
    """DeleteBucketLifecycle."""
    clients("s3").delete_bucket_lifecycle(Bucket=bucket)


def put_policy(clients: Clients, declared: Properties) -> str:
    """PutBucketPolicy."""
    clients("s3").put_bucket_policy(Bucket=declared["bucket"], Policy=declared["policy"])
    return declared["bucket"]


def read_policy(clients: Clients, bucket: str, _declared: Properties) -> Properties:
    """GetBucketPolicy."""
    return {"bucket": bucket, "policy": clients("s3").get_bucket_policy(Bucket=bucket)["Policy"]}


def delete_policy(clients: Clients, bucket: str, _declared: Properties) -> None:
    """DeleteBucketPolicy."""
    clients("s3").delete_bucket_policy(Bucket=bucket)


def by_putting(
    put: Callable[[Clients, Properties], str],
) -> Callable[[Clients, str, Properties, Properties], None]:
    """An update that is the same call as the creation."""

    def update(clients: Clients, _id: str, declared: Properties, _old: Properties) -> None:
        put(clients, declared)

    return update

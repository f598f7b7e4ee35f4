"""The bucket of archived executions: private, encrypted with the stack's key, versioned."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.iam.documents import document, only_over_tls
from components.names import Names
from handlers.contract.archive import ARCHIVE_PREFIX

_OLD_VERSION_DAYS = 30
"""How long a version stays that was overwritten or deleted: the time to notice it."""

_ABORTED_UPLOAD_DAYS = 7


@dataclass(frozen=True)
class ExecutionArchiveArgs:
    """What differs between stacks.

    kms_key_arn: customer key for encryption at rest.
    keep_days: how long an execution is kept.
    after: the key's alias, by which IAM lets the function and CI use the key.
    protect: refuse the bucket's deletion. Without it S3 refuses while there is an object: nothing
        that deploys may delete what is archived.
    """

    names: Names
    kms_key_arn: pulumi.Input[str]
    keep_days: int
    after: Sequence[pulumi.Resource] = ()
    protect: bool = False


class ExecutionArchive(pulumi.ComponentResource):
    """One bucket, and each of its configurations."""

    bucket: aws.s3.Bucket
    settled: Sequence[pulumi.Resource]
    """What must be there before an object is written."""

    def __init__(
        self,
        name: str,
        args: ExecutionArchiveArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("goalmandala:workflow:ExecutionArchive", name, None, opts)
        self.bucket = aws.s3.Bucket(
            f"{name}-bucket",
            bucket=args.names.archive_bucket,
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=args.after,
                protect=args.protect,
                retain_on_delete=args.protect,
            ),
        )
        # The bucket's configurations go and come without its objects: only the bucket is protected.
        of_bucket = pulumi.ResourceOptions(
            parent=self.bucket, protect=False, retain_on_delete=args.protect
        )
        bucket = self.bucket.bucket
        private = aws.s3.BucketPublicAccessBlock(
            f"{name}-private",
            bucket=bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=of_bucket,
        )
        self.settled = [
            private,
            aws.s3.BucketOwnershipControls(
                f"{name}-ownership",
                bucket=bucket,
                rule={"object_ownership": "BucketOwnerEnforced"},
                opts=of_bucket,
            ),
            aws.s3.BucketServerSideEncryptionConfiguration(
                f"{name}-encryption",
                bucket=bucket,
                rules=[
                    {
                        "apply_server_side_encryption_by_default": {
                            "sse_algorithm": "aws:kms",
                            "kms_master_key_id": args.kms_key_arn,
                        },
                        "bucket_key_enabled": True,
                    }
                ],
                opts=of_bucket,
            ),
            aws.s3.BucketVersioning(
                f"{name}-versioning",
                bucket=bucket,
                versioning_configuration={"status": "Enabled"},
                opts=of_bucket,
            ),
            aws.s3.BucketLifecycleConfiguration(
                f"{name}-lifecycle",
                bucket=bucket,
                rules=[
                    {
                        "id": "expire",
                        "status": "Enabled",
                        "filter": {"prefix": ARCHIVE_PREFIX},
                        "expiration": {"days": args.keep_days},
                        "noncurrent_version_expiration": {"noncurrent_days": _OLD_VERSION_DAYS},
                        "abort_incomplete_multipart_upload": {
                            "days_after_initiation": _ABORTED_UPLOAD_DAYS
                        },
                    }
                ],
                opts=of_bucket,
            ),
            aws.s3.BucketPolicy(
                f"{name}-policy",
                bucket=bucket,
                policy=document([only_over_tls("s3:*", *args.names.archive_arns)]),
                # S3 refuses a policy while the block is being put (OperationAborted).
                opts=pulumi.ResourceOptions.merge(
                    of_bucket, pulumi.ResourceOptions(depends_on=[private])
                ),
            ),
        ]
        self.register_outputs({"bucketArn": self.bucket.arn})

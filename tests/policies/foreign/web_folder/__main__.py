"""A website from a folder: a public bucket, a file in it, and the policy that lets everybody read.

Written anew after pulumi/examples, aws-py-s3-folder.
"""

import json
from pathlib import Path

import pulumi
import pulumi_aws as aws

PAGES = Path(__file__).parent / "www"


def readable_by_all(bucket: str) -> str:
    """The bucket's policy."""
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": ["s3:GetObject"],
        "Resource": [f"arn:aws:s3:::{bucket}/*"],
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


bucket = aws.s3.Bucket("site")
website = aws.s3.BucketWebsiteConfiguration(
    "site-website", bucket=bucket.id, index_document={"suffix": "index.html"}
)
for page in sorted(PAGES.iterdir()):
    aws.s3.BucketObject(
        page.name,
        bucket=bucket.id,
        source=pulumi.FileAsset(str(page)),
        content_type="text/html",
    )
aws.s3.BucketPolicy("site-policy", bucket=bucket.id, policy=bucket.id.apply(readable_by_all))

pulumi.export("bucket", bucket.id)
pulumi.export("url", website.website_endpoint)

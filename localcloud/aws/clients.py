"""The emulator's account and region, and boto3 clients with its root credentials."""

from typing import Any

REGION = "ap-northeast-1"
ACCOUNT_ID = "123456789012"


def root_client(service: Any, endpoint: str) -> Any:
    """A boto3 client of an endpoint, as the account's root user; it uses no proxy and no retry."""
    import boto3  # noqa: PLC0415 - 0.2 s that `down` and usage errors need not wait for
    from botocore.config import Config  # noqa: PLC0415

    aws: Any = boto3
    return aws.client(
        service,
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - the emulator's, and no secret
        config=Config(proxies={}, retries={"total_max_attempts": 1}, read_timeout=60),
    )

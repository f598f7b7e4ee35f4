"""The emulator's account and region, and boto3 clients with its root credentials or a role's."""

import os
from functools import cache
from typing import Any, NamedTuple

REGION = os.environ.get("GOAL_MANDALA_LOCAL_REGION", "ap-northeast-1")
"""Another one is for a second cloud: what happens to a stack whose region is lost."""

ACCOUNT_ID = "123456789012"


class Credentials(NamedTuple):
    """The keys that sign a request, and the token of a role's session."""

    access_key: str
    secret_key: str
    token: str | None = None


ROOT = Credentials("test", "test")


@cache
def _session() -> Any:
    """A session that does not look at AWS_PROFILE, which may name a profile that does not exist."""
    import boto3  # noqa: PLC0415 - 0.2 s that `down` and usage errors need not wait for
    from botocore.session import Session  # noqa: PLC0415

    no_profile: Any = {"profile": (None, None, None, None)}
    aws: Any = boto3
    return aws.Session(botocore_session=Session(session_vars=no_profile))


def root_client(service: Any, endpoint: str) -> Any:
    """A client of the account's root user."""
    return client(service, endpoint, ROOT)


def client(service: Any, endpoint: str, credentials: Credentials, region: str = REGION) -> Any:
    """A boto3 client of an endpoint; it uses no proxy, no retry and no profile of the user's."""
    from botocore.config import Config  # noqa: PLC0415

    return _session().client(
        service,
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id=credentials.access_key,
        aws_secret_access_key=credentials.secret_key,
        aws_session_token=credentials.token,
        config=Config(proxies={}, retries={"total_max_attempts": 1}, read_timeout=60),
    )

"""Lambda entry: starts an execution of one of our goals, as the user that owns it."""

import json
import os
from typing import Any
from urllib.parse import quote

import boto3
import urllib3

http = urllib3.PoolManager(timeout=25, retries=False)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """{goalId} -> what the workflow answers: {status, body}."""
    del context
    goal = quote(event["goalId"], safe="")
    answer = http.request(
        "POST",
        f"{os.environ['API_URL'].rstrip('/')}/goals/{goal}/start-activity",
        headers={"Authorization": f"Bearer {token()}"},
    )
    return {"status": answer.status, "body": answer.json()}


def token() -> str:
    """An ID token of our user."""
    secrets: Any = boto3.client("secretsmanager")  # pyright: ignore[reportUnknownMemberType]
    secret = secrets.get_secret_value(SecretId=os.environ["USER_SECRET_ARN"])
    user = json.loads(secret["SecretString"])
    users: Any = boto3.client("cognito-idp")  # pyright: ignore[reportUnknownMemberType]
    signed_in = users.initiate_auth(
        ClientId=os.environ["USER_POOL_CLIENT_ID"],
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": user["email"], "PASSWORD": user["password"]},
    )
    return signed_in["AuthenticationResult"]["IdToken"]

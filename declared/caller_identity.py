"""Who the program is told to be: the answer to the one call that it makes of the provider."""

CALL = "aws:index/getCallerIdentity:getCallerIdentity"


def caller_identity(account: str) -> dict[str, str]:
    """What GetCallerIdentity tells root of an account."""
    return {
        "accountId": account,
        "arn": f"arn:aws:iam::{account}:root",
        "id": account,
        "userId": account,
    }

"""The answer to getCallerIdentity, the only function of the AWS provider that the programs call."""

CALL = "aws:index/getCallerIdentity:getCallerIdentity"


def caller_identity(account: str) -> dict[str, str]:
    """What AWS answers to the root user of an account."""
    return {
        "accountId": account,
        "arn": f"arn:aws:iam::{account}:root",
        "id": account,
        "userId": account,
    }

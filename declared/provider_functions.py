"""The answers to the functions of the AWS provider that the programs call."""

from collections.abc import Callable

CONCURRENT_EXECUTIONS = 1000
"""Lambda's quota in an account that AWS has not limited."""


def answer(token: str, account: str) -> dict[str, object]:
    """What AWS answers to the root user of an account; raises NotImplementedError."""
    if token not in _ANSWERS:
        raise NotImplementedError(f"the program calls {token}: implement it in {__name__}")
    return _ANSWERS[token](account)


def _caller_identity(account: str) -> dict[str, object]:
    return {
        "accountId": account,
        "arn": f"arn:aws:iam::{account}:root",
        "id": account,
        "userId": account,
    }


def _service_quota(_account: str) -> dict[str, object]:
    """Lambda's concurrent executions: no program asks for another quota."""
    return {"value": CONCURRENT_EXECUTIONS, "defaultValue": CONCURRENT_EXECUTIONS}


_ANSWERS: dict[str, Callable[[str], dict[str, object]]] = {
    "aws:index/getCallerIdentity:getCallerIdentity": _caller_identity,
    "aws:servicequotas/getServiceQuota:getServiceQuota": _service_quota,
}

"""Lambda's quota of concurrent executions: what the stack takes of it must fit."""

from collections.abc import Callable

from components.settings.settings import Settings, SettingsError
from handlers.contract.functions import FUNCTIONS

SERVICE_CODE, QUOTA_CODE = "lambda", "L-B99A9384"
"""Service Quotas' codes of Lambda's "Concurrent executions"."""

_UNRESERVED = 100
_UNRESERVED_IN_A_NEW_ACCOUNT = 10
"""What Lambda keeps for functions without a reservation: 100, and 10 where the quota is 10 ("...
decreases account's UnreservedConcurrentExecution below its minimum value of [10]").
(AWS Lambda Developer Guide: reserved concurrency; sst/sst#5829)"""

_OTHER_FUNCTIONS = len(FUNCTIONS) - 2
"""Each of the others runs once beside the model calls; workflow-archive can wait, it has days."""


def with_account_concurrency(settings: Settings, read: Callable[[], float]) -> Settings:
    """The settings with the account's quota: theirs, or else what `read` returns from AWS.

    Raises SettingsError if it cannot be read or if the stack does not fit into it.
    """
    quota = settings.account_concurrency or _read(read)
    _check(settings, quota)
    return settings.model_copy(update={"account_concurrency": quota})


def _read(read: Callable[[], float]) -> int:
    try:
        return int(read())
    except Exception as error:
        raise SettingsError(
            "Lambda's quota of concurrent executions cannot be read: allow"
            " servicequotas:GetServiceQuota (CI: deploy deployment/ anew), or set"
            f" goal-mandala:accountConcurrency to what `aws lambda get-account-settings` shows."
            f" ({error})"
        ) from error


def _check(settings: Settings, quota: int) -> None:
    generation = settings.generation
    reserved = generation.reserved_concurrency or 0
    provisioned = generation.provisioned_concurrency
    if reserved and provisioned > reserved:
        raise SettingsError(
            f"generation.provisionedConcurrency = {provisioned}: at most"
            f" generation.reservedConcurrency = {reserved}"
        )
    taken = max(reserved, provisioned)
    least = _UNRESERVED if quota > _UNRESERVED else _UNRESERVED_IN_A_NEW_ACCOUNT
    needed = max(
        taken + least if taken else 0,
        max(settings.concurrency, taken) + _OTHER_FUNCTIONS,
    )
    if quota < needed:
        raise SettingsError(
            f"the account's quota of concurrent executions is {quota}, and the stack needs"
            f" {needed}: maxBatchConcurrency x maxActionConcurrency = {settings.concurrency} model"
            f" calls at once beside {_OTHER_FUNCTIONS} other functions;"
            f" generation.provisionedConcurrency = {provisioned} and"
            f" generation.reservedConcurrency = {reserved}, of which Lambda keeps {least} free."
            f" Lower them, or request a quota of 1000: aws service-quotas"
            f" request-service-quota-increase --region {settings.region} --service-code"
            f" {SERVICE_CODE} --quota-code {QUOTA_CODE} --desired-value 1000"
        )

"""ListProvisionedConcurrencyConfigs, which MiniStack takes for GetProvisionedConcurrencyConfig."""

from typing import Any

from localcloud.aws.ministack import Json, functions, responses

_get_provisioned_concurrency = functions._get_provisioned_concurrency


def provisioned_concurrency(function: str, qualifier: str | None) -> Any:
    """One configuration; without a qualifier all of the function."""
    held: Json | None = functions._functions.get(function)
    if qualifier or held is None:
        return _get_provisioned_concurrency(function, qualifier)
    arn = functions._func_arn(function)
    found: dict[str, Json] = held.get("provisioned_concurrency", {})
    configs = [{**each, "FunctionArn": f"{arn}:{name}"} for name, each in found.items()]
    return responses.json_response({"ProvisionedConcurrencyConfigs": configs})

"""Lambda functions, their aliases and permissions."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

from localcloud.provision.provisioner import (
    Clients,
    Properties,
    capitalised,
    from_api,
    to_api,
    uncapitalised,
)

_FUNCTION = {
    "name": "FunctionName",
    "role": "Role",
    "handler": "Handler",
    "runtime": "Runtime",
    "description": "Description",
    "timeout": "Timeout",
    "memorySize": "MemorySize",
    "architectures": "Architectures",
    "kmsKeyArn": "KMSKeyArn",
    "layers": "Layers",
    "publish": "Publish",
    "tags": "Tags",
}
_NESTED = {
    "tracingConfig": "TracingConfig",
    "vpcConfig": "VpcConfig",
    "deadLetterConfig": "DeadLetterConfig",
    "ephemeralStorage": "EphemeralStorage",
    "loggingConfig": "LoggingConfig",
}
_NOT_IN_CONFIGURATION = ("architectures", "code", "publish", "reservedConcurrentExecutions", "tags")
"""Properties that UpdateFunctionConfiguration does not accept."""
_SHORT_WAIT = {"Delay": 0.02, "MaxAttempts": 500}
_ALIAS = {
    "name": "Name",
    "functionName": "FunctionName",
    "functionVersion": "FunctionVersion",
    "description": "Description",
}
_PERMISSION = {
    "action": "Action",
    "function": "FunctionName",
    "principal": "Principal",
    "qualifier": "Qualifier",
    "sourceAccount": "SourceAccount",
    "sourceArn": "SourceArn",
}


def create_function(clients: Clients, declared: Properties) -> str:
    """CreateFunction and PutFunctionConcurrency; waits until the function is active."""
    functions, name = clients("lambda"), declared["name"]
    variables = declared.get("environment", {}).get("variables", {})
    functions.create_function(
        **to_api(declared, _FUNCTION),
        **capitalised(to_api(declared, _NESTED)),
        Environment={"Variables": variables},
        Code={"ZipFile": Path(declared["code"].path).read_bytes()},
    )
    active = functions.get_waiter("function_active_v2")
    active.wait(FunctionName=name, WaiterConfig=_SHORT_WAIT)
    reserved = declared.get("reservedConcurrentExecutions")
    if reserved is not None:
        functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=reserved)
    return name


def update_function(clients: Clients, name: str, declared: Properties, old: Properties) -> None:
    """UpdateFunctionCode, UpdateFunctionConfiguration, the concurrency and PublishVersion."""
    functions = clients("lambda")
    updated = functions.get_waiter("function_updated_v2")
    has_new_code = "code" not in old or declared["code"].path != old["code"].path
    if has_new_code:
        code = Path(declared["code"].path).read_bytes()
        functions.update_function_code(
            FunctionName=name, ZipFile=code, Architectures=declared["architectures"]
        )
        updated.wait(FunctionName=name, WaiterConfig=_SHORT_WAIT)
    given, before = (_configuration(each) for each in (declared, old))
    if given != before:
        functions.update_function_configuration(
            **to_api(given, _FUNCTION),
            **capitalised(to_api(declared, _NESTED)),
            Environment={"Variables": declared.get("environment", {}).get("variables", {})},
        )
        updated.wait(FunctionName=name, WaiterConfig=_SHORT_WAIT)
    reserved = declared.get("reservedConcurrentExecutions")
    if reserved is not None:
        functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=reserved)
    elif old.get("reservedConcurrentExecutions") is not None:
        functions.delete_function_concurrency(FunctionName=name)
    to_publish = has_new_code or given != before or not old.get("publish")
    if declared.get("publish") and to_publish:
        functions.publish_version(FunctionName=name)


def _configuration(declared: Properties) -> Properties:
    return {name: declared[name] for name in declared if name not in _NOT_IN_CONFIGURATION}


def delete_function(clients: Clients, name: str, _declared: Properties) -> None:
    """DeleteFunction, with all versions."""
    clients("lambda").delete_function(FunctionName=name)


def read_function(clients: Clients, name: str, _declared: Properties) -> Properties:
    """GetFunction, the newest version and the reserved concurrency; `code` is the zip's hash."""
    functions = clients("lambda")
    answer = functions.get_function(FunctionName=name)
    function = answer["Configuration"]
    versions = functions.list_versions_by_function(FunctionName=name)["Versions"]
    newest = versions[-1]
    return {
        **from_api(function, _FUNCTION),
        **uncapitalised(from_api(function, _NESTED)),
        "publish": newest["Version"] != "$LATEST",
        "environment": {"variables": function.get("Environment", {}).get("Variables", {})},
        "code": function["CodeSha256"],
        "codeSha256": function["CodeSha256"],
        "sourceCodeSize": function["CodeSize"],
        "lastModified": function["LastModified"],
        "reservedConcurrentExecutions": answer.get("Concurrency", {}).get(
            "ReservedConcurrentExecutions", -1
        ),
        "tags": answer.get("Tags", {}),
        "arn": function["FunctionArn"],
        "version": newest["Version"],
        "qualifiedArn": f"{function['FunctionArn']}:{newest['Version']}",
        "invokeArn": _invoke_arn(clients, function["FunctionArn"]),
        "qualifiedInvokeArn": _invoke_arn(clients, newest["FunctionArn"]),
    }


def create_alias(clients: Clients, declared: Properties) -> str:
    """CreateAlias; the id is the ARN, as the provider's."""
    return clients("lambda").create_alias(**to_api(declared, _ALIAS))["AliasArn"]


def update_alias(clients: Clients, _arn: str, declared: Properties, _old: Properties) -> None:
    """UpdateAlias."""
    clients("lambda").update_alias(**{"Description": "", **to_api(declared, _ALIAS)})


def delete_alias(clients: Clients, _arn: str, declared: Properties) -> None:
    """DeleteAlias."""
    clients("lambda").delete_alias(FunctionName=declared["functionName"], Name=declared["name"])


def read_alias(clients: Clients, arn: str, declared: Properties) -> Properties:
    """GetAlias."""
    function, alias_name = declared["functionName"], declared["name"]
    alias = clients("lambda").get_alias(FunctionName=function, Name=alias_name)
    return {
        **from_api({**alias, "FunctionName": function}, _ALIAS),
        "arn": alias["AliasArn"],
        "invokeArn": _invoke_arn(clients, arn),
    }


def create_permission(clients: Clients, declared: Properties) -> str:
    """AddPermission; the id is the statement's."""
    statement_id = declared.get("statementId") or f"pulumi-{uuid4().hex}"
    clients("lambda").add_permission(**to_api(declared, _PERMISSION), StatementId=statement_id)
    return statement_id


def delete_permission(clients: Clients, statement_id: str, declared: Properties) -> None:
    """RemovePermission."""
    qualifier = declared.get("qualifier")
    clients("lambda").remove_permission(
        FunctionName=declared["function"],
        StatementId=statement_id,
        **({"Qualifier": qualifier} if qualifier else {}),
    )


def read_permission(clients: Clients, statement_id: str, declared: Properties) -> Properties:
    """The statement in GetPolicy, with the function in the form in which it was declared."""
    qualifier = declared.get("qualifier")
    policy = clients("lambda").get_policy(
        FunctionName=declared["function"], **({"Qualifier": qualifier} if qualifier else {})
    )
    found = _statement(policy["Policy"], statement_id)
    condition = found.get("Condition", {})
    principal = found["Principal"]
    on_function = found["Resource"].partition(":function:")[2].split(":")
    forms = (on_function[0], found["Resource"], found["Resource"].removesuffix(f":{qualifier}"))
    return {
        "statementId": statement_id,
        "action": found["Action"],
        "function": next((form for form in forms if form == declared["function"]), forms[0]),
        "qualifier": on_function[1] if len(on_function) > 1 else None,
        "principal": principal if isinstance(principal, str) else next(iter(principal.values())),
        "sourceArn": condition.get("ArnLike", {}).get("AWS:SourceArn"),
        "sourceAccount": condition.get("StringEquals", {}).get("AWS:SourceAccount"),
    }


def _statement(policy: str, statement_id: str) -> dict[str, Any]:
    return next(each for each in json.loads(policy)["Statement"] if each["Sid"] == statement_id)


def _invoke_arn(clients: Clients, arn: str) -> str:
    region = clients("lambda").meta.region_name
    path = f"2015-03-31/functions/{arn}/invocations"
    return f"arn:aws:apigateway:{region}:lambda:path/{path}"

"""Converters of input values, for the table."""

import json
from typing import Any, cast

from checks.cloudformation.mapping import Converter, Json, properties_of


def unchanged(name: str) -> Converter:
    """A map whose keys are data, so they are not capitalised."""
    return lambda value, _: {name: value}


def parsed_json(name: str) -> Converter:
    """A JSON text that CloudFormation takes as an object."""
    return lambda value, _: {name: json.loads(value)}


def as_list(name: str) -> Converter:
    """An object or text that CloudFormation takes as a list of one."""

    def convert(value: Any, _: Json) -> Json:
        item = properties_of({}, cast("Json", value)) if isinstance(value, dict) else value
        return {name: [item]}

    return convert


def as_pairs(name: str, key: str = "Key") -> Converter:
    """A map that CloudFormation takes as a list of pairs."""
    return lambda value, _: {name: [{key: each, "Value": text} for each, text in value.items()]}


def key_attribute(key_type: str) -> Converter:
    """A table's hashKey or rangeKey."""
    return lambda value, _: {"KeySchema": [{"AttributeName": value, "KeyType": key_type}]}


def package(_archive: Any, _: Json) -> Json:
    """A function's zip. The provider uploads it without a bucket, CloudFormation needs one."""
    return {"Code": {"S3Bucket": "packages-of-functions", "S3Key": "package.zip"}}


def qualified_function(function: str, inputs: Json) -> Json:
    """A permission's function, with its alias or version."""
    return {"FunctionName": ":".join(filter(None, (function, inputs.get("qualifier"))))}


def log_destination(arn: str, _: Json) -> Json:
    """A state machine's log group."""
    return {"Destinations": [{"CloudWatchLogsLogGroup": {"LogGroupArn": arn}}]}


def table_key(arn: str, _: Json) -> Json:
    """A table's customer key, with the type that the provider sets itself."""
    return {"KMSMasterKeyId": arn, "SSEType": "KMS"}


def route_settings(routes: list[Json], _: Json) -> Json:
    """A stage's settings for each route."""
    return {
        "RouteSettings": {
            route["routeKey"]: properties_of(
                {}, {name: value for name, value in route.items() if name != "routeKey"}
            )
            for route in routes
        }
    }


def ownership_rules(value: Json, _: Json) -> Json:
    """Who owns a bucket's objects."""
    return {"OwnershipControls": {"Rules": [properties_of({}, value)]}}


def expiration(value: Json, _: Json) -> Json:
    """When a bucket's lifecycle rule deletes objects."""
    return {"ExpirationInDays": int(value["days"])}


def lifecycle_filter(value: Json, _: Json) -> Json:
    """The filter of a bucket's lifecycle rule; CloudFormation has its prefix in the rule itself."""
    return {"Prefix": value["prefix"]}


def actions_suppressor(value: Json, _: Json) -> Json:
    """The alarm that suppresses a composite alarm's actions."""
    periods = properties_of({}, {name: each for name, each in value.items() if name != "alarm"})
    prefixed = {f"ActionsSuppressor{name}": each for name, each in periods.items()}
    return {"ActionsSuppressor": value["alarm"], **prefixed}

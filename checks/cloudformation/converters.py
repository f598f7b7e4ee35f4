"""Ways of saying one value that are common to several types."""

import json
from typing import Any, cast

from checks.cloudformation.mapping import Json, Said, translated


def as_it_is(name: str) -> Said:
    """A map whose keys are data."""
    return lambda value, _: {name: value}


def document(name: str) -> Said:
    """A JSON text that CloudFormation takes as an object."""
    return lambda value, _: {name: json.loads(value)}


def one_of(name: str) -> Said:
    """One object or text that CloudFormation takes as a list."""

    def said(value: Any, _: Json) -> Json:
        return {name: [translated({}, cast("Json", value)) if isinstance(value, dict) else value]}

    return said


def pairs(name: str, key: str = "Key") -> Said:
    """A map that CloudFormation takes as a list of pairs."""
    return lambda value, _: {name: [{key: each, "Value": text} for each, text in value.items()]}


def key_attribute(kind: str) -> Said:
    """A table's hashKey or rangeKey."""
    return lambda value, _: {"KeySchema": [{"AttributeName": value, "KeyType": kind}]}


def package(_archive: Any, _: Json) -> Json:
    """A function's zip: the provider uploads it without a bucket, so one stands for it."""
    return {"Code": {"S3Bucket": "packages-of-functions", "S3Key": "package.zip"}}


def qualified_function(function: str, inputs: Json) -> Json:
    """A permission's function, with the alias or version that it is given on."""
    return {"FunctionName": ":".join(filter(None, (function, inputs.get("qualifier"))))}


def log_destination(arn: str, _: Json) -> Json:
    """Where a state machine logs to."""
    return {"Destinations": [{"CloudWatchLogsLogGroup": {"LogGroupArn": arn}}]}


def table_key(arn: str, _: Json) -> Json:
    """A table's customer key; the provider says its type itself."""
    return {"KMSMasterKeyId": arn, "SSEType": "KMS"}


def route_settings(routes: list[Json], _: Json) -> Json:
    """A stage's settings by route."""
    return {
        "RouteSettings": {
            route["routeKey"]: translated({}, {k: v for k, v in route.items() if k != "routeKey"})
            for route in routes
        }
    }


def suppressor(value: Json, _: Json) -> Json:
    """The alarm that keeps a composite's actions back."""
    periods = translated({}, {name: each for name, each in value.items() if name != "alarm"})
    prefixed = {f"ActionsSuppressor{name}": each for name, each in periods.items()}
    return {"ActionsSuppressor": value["alarm"], **prefixed}
